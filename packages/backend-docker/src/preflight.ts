import type { Readable } from "node:stream";
import type { Engine } from "./engine.ts";
import { DockerBackendError, statusOf } from "./errors.ts";
import { Frames } from "./frames.ts";
import { loopbackName } from "./spec.ts";
import type { RefusalReason } from "./spec.ts";

export interface PreflightOptions {
  /** What the worker prints once it has opened its store. */
  readonly readyLine: string;
  readonly network: string;
  /** Of its image. Default: the engine's own. */
  readonly platform?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds within which a worker has to open its store. Default 60,000: an engine and a machine that are busy take some seconds to
   * start one.
   */
  readonly patience?: number | undefined;
}

/**
 * Waits until a worker that was just started has opened its store. Returns why it can't. `unknown`: it has ended in order, or the signal
 * has fired, or the engine was away.
 *
 * @throws {DockerBackendError} of the engine as a whole.
 */
export async function preflight(
  engine: Engine,
  id: string,
  { readyLine, network, platform, signal, patience = 60_000 }: PreflightOptions,
): Promise<"opened" | "unknown" | RefusalReason> {
  const late = AbortSignal.timeout(patience);
  const end = signal ? AbortSignal.any([signal, late]) : late;
  const { said, ready } = await outputOf(engine, id, readyLine, end);
  if (ready) return "opened";
  if (signal?.aborted) return "unknown";
  if (late.aborted)
    return {
      kind: "unavailable",
      message: `The first worker did not open its store within ${patience / 1000} s${quoted(said)}. ${wayOut(said, network)}`,
    };
  const { State } = await engine.ask((client) => client.getContainer(id).inspect());
  if (State.OOMKilled)
    return {
      kind: "option",
      message:
        "The first worker was killed for want of memory before it could open its store: give workers more memory.",
    };
  if (State.Running || State.ExitCode === 0) return "unknown";
  const foreign = State.ExitCode === 1 ? undefined : await foreignTo(engine, platform);
  if (foreign) return foreign;
  // Of its own accord a worker ends with 1: who was killed may do better next time.
  const kind = State.ExitCode === 1 ? "option" : "unavailable";
  return {
    kind,
    message: `The first worker ended with ${State.ExitCode} before it could open its store${quoted(said)}. ${wayOut(said, network)}`,
  };
}

/** What a shell or the first process says of a program for other processors is anything but that it is one. */
async function foreignTo(engine: Engine, platform: string | undefined): Promise<RefusalReason | undefined> {
  const { Arch } = await engine.ask((client) => client.version());
  const own = `linux/${Arch}`;
  if (platform === undefined || platform === own || platform.startsWith(`${own}/`)) return undefined;
  return {
    kind: "image",
    message: `The image is of ${platform}, and the engine's machine, which is of ${own}, can't run it: install an emulator there (as the packages binfmt-support and qemu-user-static bring one), or ask for ${own}.`,
  };
}

/** What it prints up to that line, or up to its end. */
async function outputOf(engine: Engine, id: string, line: string, end: AbortSignal) {
  const frames = new Frames();
  let said = "";
  try {
    const options = { follow: true as const, stdout: true, stderr: true, abortSignal: end };
    const output = await engine.ask((client) => client.getContainer(id).logs(options));
    for await (const chunk of output as Readable) {
      said += frames.take(chunk as Buffer);
      if (said.split("\n").includes(line)) return { said, ready: true };
    }
  } catch (error) {
    // An engine that breaks off in the middle is heard of by the next question; who gave up knows it.
    if (!end.aborted && (error instanceof DockerBackendError || statusOf(error) !== undefined)) throw error;
  }
  return { said, ready: false };
}

/** Without the places in the worker's program. */
function quoted(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  const text = lines.join(" ").slice(0, 1500).trim().replace(/\.$/, "");
  return text === "" ? "" : `: ${text}`;
}

/** What may be done about a store that can't be reached from where the worker is. */
function wayOut(said: string, network: string): string {
  if (network === "none") return "Its network is `none`: a store on S3 needs one that leads there.";
  if (said.includes(loopbackName))
    return `In a container this machine is ${loopbackName}: have the service listen on all of its addresses (0.0.0.0) and not on its loopback alone, or give docker({ network: "host" }).`;
  if (/127\.0\.0\.1|localhost|\[::1\]/.test(said))
    return "On the engine's machine that address is another place than here: give one that leads here from there.";
  if (/\b(EACCES|EPERM)\b/.test(said))
    return "Workers run as the owner of the store directory, or as docker({ user }) says: all that is in the directory has to be theirs (`chown -R`).";
  return "Look whether its container can reach the store.";
}
