import type { Backend, LaunchOptions, LaunchRequest, LaunchResult, Refusal } from "../../../backend.ts";
import type { Runtime } from "../../../runtime.ts";
import { persistently } from "../persistently.ts";

/**
 * The provider's call. What it could not do for a moment is asked for again, with the same token. An error that says why workers can't be
 * started is the refusal of all of them: what is done about it does not depend on how a backend words it. Of a launch that was given up by
 * `options.signal`, the provider's list says what came of it.
 *
 * @throws what the backend throws of other kinds, and anything once the signal has fired.
 */
export async function callLaunch(
  backend: Backend,
  request: LaunchRequest,
  runtime: Runtime,
  signal: AbortSignal,
  options: LaunchOptions = {},
): Promise<LaunchResult> {
  let given = options;
  const call = () => {
    const now = given;
    // What is asked for again may have been started before, and that has to be found out.
    given = { ...options, signal: undefined };
    return tryLaunch(backend, request, now);
  };
  const told = () =>
    call().catch((error: unknown) => {
      // Until it answers again, what it fails by is what takes its time.
      if (isRefusal(error)) options.progress?.(error.message);
      throw error;
    });
  try {
    return await persistently(runtime, signal, told);
  } catch (error) {
    // Nobody knows whether it came to something: a successor finds the launch without an answer.
    if (signal.aborted || !isRefusal(error)) throw error;
    return refusalOfAll(request, error);
  }
}

/** Only of an outage does anybody ask again at once. */
async function tryLaunch(backend: Backend, request: LaunchRequest, options: LaunchOptions): Promise<LaunchResult> {
  try {
    return await backend.launch(request, options);
  } catch (error) {
    const { signal } = options;
    if (signal?.aborted && error === signal.reason)
      return whatCameOf(backend, request).catch(() => {
        // What is not known now, a successor may find out: nobody asks again for what nobody wants.
        throw error;
      });
    if (!isRefusal(error) || error.code === "unavailable") throw error;
    return refusalOfAll(request, error);
  }
}

/** It may have been given up in the middle. */
async function whatCameOf(backend: Backend, request: LaunchRequest): Promise<LaunchResult> {
  const { sessionId, launch, slots } = request;
  const there = (await backend.list(sessionId)).filter((status) => status.launch === launch);
  const missing = slots.filter((slot) => there.every((status) => status.slot !== slot));
  const { refused } = refusalOfAll(
    { slots: missing },
    { code: "unavailable", message: "nobody waits for it any more" },
  );
  return { started: there.map(({ slot, id }) => ({ slot, id })), refused };
}

interface RefusalError {
  readonly code: Refusal["kind"];
  readonly message: string;
}

const kinds: Readonly<Record<Refusal["kind"], true>> = {
  quota: true,
  capacity: true,
  image: true,
  permission: true,
  option: true,
  unavailable: true,
};

/** By what it says and not by its class: the backend of a configuration was bundled with a class of its own. */
function isRefusal(error: unknown): error is RefusalError {
  return error instanceof Error && "code" in error && "retryable" in error && Object.hasOwn(kinds, String(error.code));
}

function refusalOfAll({ slots }: Pick<LaunchRequest, "slots">, { code: kind, message }: RefusalError): LaunchResult {
  return { started: [], refused: slots.map((slot) => ({ slot, kind, message })) };
}
