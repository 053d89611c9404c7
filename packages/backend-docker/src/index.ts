export { docker } from "./backend.ts";
export type { DockerOptions, RegistryAuth } from "./options.ts";
export { DockerBackendError, type DockerBackendErrorCode } from "./errors.ts";
