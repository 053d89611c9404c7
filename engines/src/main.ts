import { installAll } from "./install.ts";

await installAll();
