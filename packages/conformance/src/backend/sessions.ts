import type { Backend, ManagedSession } from "@skyburst/core";
import { eventually, must } from "../expect.ts";
import type { BackendStage, BackendTest } from "./stage.ts";

export function sessionTests(test: BackendTest): void {
  test("are told with the store that they are in, each once", async (stage) => {
    const backend = await stage.backend();
    const { sessionId } = stage;
    await stage.ready(backend, { slots: [0, 1], do: "wait", storeId });
    await told(stage, backend, [{ sessionId, storeId }]);
  });

  test("of another process are found", async (stage) => {
    const { sessionId } = stage;
    await stage.ready(await stage.backend(), { slots: [0], do: "wait", storeId });
    await told(stage, await stage.backend(), [{ sessionId, storeId }]);
  });

  test("whose workers have ended are told no more", async (stage) => {
    const backend = await stage.backend();
    await stage.ended(backend, { slots: [0], do: "exit" });
    await told(stage, backend, []);
    const [id] = await stage.ready(backend, { slots: [1], do: "wait" });
    await backend.stop([id], { grace: 1 });
    await stage.gone(backend, id);
    await told(stage, backend, []);
  });
}

const storeId = "fedcba9876543210";

/** The provider tells this of the stage's session: at once, or as soon as it knows. Of others it may tell anything. */
async function told(stage: BackendStage, backend: Backend, expected: readonly ManagedSession[]): Promise<void> {
  let seen: readonly ManagedSession[] = [];
  await eventually(
    async () => {
      const all = await must(backend.sessions).call(backend);
      seen = all.filter(({ sessionId }) => sessionId === stage.sessionId);
      return textOf(seen) === textOf(expected) ? true : undefined;
    },
    stage.facts.patience,
    () => `told of the session is ${textOf(expected)}; it was ${textOf(seen)}`,
  );
}

function textOf(sessions: readonly ManagedSession[]): string {
  return sessions.map(({ sessionId, storeId: store }) => `${sessionId} in ${store}`).join(", ");
}
