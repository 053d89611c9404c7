import { createRequire } from "node:module";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import type { Backend } from "../../backend.ts";
import { SkyburstError } from "../../errors.ts";
import type { JsonObject, StateStore, StoreReference } from "../../store.ts";
import type { Secrets } from "../secrets.ts";
import { supervise } from "./supervise.ts";
import type { SuperviseEnd } from "./supervise.ts";

/** What a worker starts its stand-in with: one argument, as JSON. The session's secrets come on standard input, as JSON too. */
interface StandInArguments {
  /** Id of the session. */
  readonly session: string;
  readonly store: StoreReference;
  /** `file:` URL of the worker's own program: a store's package is looked for from there first. */
  readonly worker: string;
  /** Of the backend. */
  readonly backend: JsonObject;
}

/**
 * The whole of a backend's stand-in program: `await runStandIn(local)`. It supervises the session of the worker that started it for as
 * long as nobody else does, and resolves when it is not needed any more.
 *
 * @param backend Makes the backend out of its options.
 * @throws {SkyburstError} `option` when the store's module can't be found; and what `supervise` throws.
 */
export async function runStandIn(
  backend: (options: JsonObject) => Backend,
  argument = process.argv[2] ?? "",
): Promise<SuperviseEnd> {
  const { session, store, worker, backend: options } = JSON.parse(argument) as StandInArguments;
  const secrets = (await json(process.stdin)) as Secrets;
  // They may be what the store is opened by as well.
  Object.assign(process.env, secrets);
  return supervise({ store: await opened(store, worker), backend: backend(options), session, secrets, standsIn: true });
}

async function opened({ module, options }: StoreReference, worker: string): Promise<StateStore> {
  const url = addressOf(module, worker);
  const open = /\.[cm]?js$/.test(new URL(url).pathname)
    ? ((await import(url)) as StoreModule).open
    : await bundled(url);
  return open(options);
}

interface StoreModule {
  readonly open: (options: JsonObject) => StateStore;
}

/** A user's own file may be of a kind that Node does not run: it is bundled, as it was for the worker program. */
async function bundled(url: string): Promise<StoreModule["open"]> {
  const { bundleModule } = await import("@skyburst/bundle");
  const { bytes } = await bundleModule({ url, export: "open" });
  const source = `data:text/javascript;base64,${Buffer.from(bytes).toString("base64")}`;
  return ((await import(source)) as { readonly task: StoreModule["open"] }).task;
}

/** Of the store's package as its worker program finds it, which may be in it, else as the working directory does. */
function addressOf(module: string, worker: string): string {
  if (module.startsWith("file:")) return module;
  for (const from of [worker, join(process.cwd(), "package.json")]) {
    try {
      return pathToFileURL(createRequire(from).resolve(module)).href;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
  throw new SkyburstError(
    "option",
    `The store's module ${module} is found neither from ${worker} nor from ${process.cwd()}.`,
  );
}
