/** Built as a file of its own: with only what it uses of core, and loaded only where containers are asked for. */
export { docker } from "@skyburst/backend-docker";
