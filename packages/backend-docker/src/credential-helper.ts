import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Environment } from "./docker-config.ts";
import { DockerBackendError } from "./errors.ts";

/**
 * Asks a program of the user's that keeps credentials, as `pass`, `osxkeychain` or `ecr-login`. undefined: it has none for this registry.
 *
 * @throws {DockerBackendError} `option`: it can't be run, or fails.
 */
export async function runCredentialHelper(
  name: string,
  serverAddress: string,
  env: Environment,
): Promise<{ readonly username: string; readonly password: string } | { readonly identitytoken: string } | undefined> {
  const program = `docker-credential-${name}`;
  const { code, stdout, stderr } = await answerOf(program, serverAddress, env);
  const said = stdout.trim() || stderr.trim();
  if (code !== 0) {
    if (/credentials not found/i.test(said)) return undefined;
    throw failed(program, `it ended with ${code}: ${said.slice(0, 500)}`);
  }
  const { Username, Secret } = answered(program, stdout);
  return Username === token ? { identitytoken: Secret } : { username: Username, password: Secret };
}

/** A helper's name for nobody: what it keeps is a token. */
const token = "<token>";

/** It may ask its user to unlock something; in milliseconds. */
const patience = 60_000;

async function answerOf(program: string, input: string, env: Environment) {
  const child = spawn(program, ["get"], { env, stdio: ["pipe", "pipe", "pipe"], timeout: patience });
  // One that does not read what it is asked says by its end why.
  child.stdin.on("error", ignore);
  child.stdin.end(input);
  try {
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: code as number | null, stdout, stderr };
  } catch (cause) {
    throw failed(program, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function answered(program: string, stdout: string): { readonly Username: string; readonly Secret: string } {
  try {
    const { Username, Secret } = JSON.parse(stdout) as { readonly Username?: unknown; readonly Secret?: unknown };
    if (typeof Username === "string" && typeof Secret === "string") return { Username, Secret };
  } catch {
    // What it said may be a secret: it is not repeated.
  }
  throw failed(program, "its answer has no Username and Secret");
}

function failed(program: string, why: string, cause?: unknown): DockerBackendError {
  const message = `${program}, which the docker command's configuration names, can't be asked for credentials: ${why}.`;
  return new DockerBackendError("option", message, { cause });
}

function ignore(): void {
  // Its end tells.
}
