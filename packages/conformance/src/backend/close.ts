import { must, refused } from "../expect.ts";
import type { BackendTest } from "./stage.ts";

export function closeTests(test: BackendTest): void {
  test("lets workers go on", async (stage) => {
    const backend = await stage.backend();
    const [id] = await stage.ready(backend, { slots: [0], do: "wait" });
    await must(backend.close).call(backend);
    await stage.runs(await stage.backend(), [id]);
  });

  test("may be called again, and before anything else", async (stage) => {
    const backend = await stage.backend();
    await backend.close?.();
    await backend.close?.();
  });

  test("ends what this object does", async (stage) => {
    const backend = await stage.backend();
    await backend.close?.();
    await refused(() => backend.list(stage.sessionId), "closed");
    await refused(() => backend.stop(["never-there"]), "closed");
  });

  test("leaves other objects on the same provider alone", async (stage) => {
    const [backend, other] = [await stage.backend(), await stage.backend()];
    await backend.close?.();
    const [id] = await stage.ready(other, { slots: [0], do: "wait" });
    await stage.runs(other, [id]);
  });
}
