import { randomBytes } from "node:crypto";
import { StoreError, type StateStore } from "@skyburst/core";
import { expect, test } from "vitest";
import { s3 } from "../src/index.ts";
import { against } from "./server.ts";

for (const name of ["versitygw", "ministack"] as const) {
  await against(name, (server) => {
    test("a server killed in the middle of writes: what it acknowledged is there, and the rest is settled by repeating", async () => {
      const bucket = await server().bucket();
      const store = s3({ bucket, endpoint: server().endpoint });
      await store.now();
      const before = store.requests?.create ?? 0;
      const written = new Map<string, Uint8Array>();
      let stop = false;
      const writer = async (name: number) => {
        for (let n = 0; !stop; n++) {
          const key = `w/${name}/${String(n).padStart(5, "0")}`;
          const body = randomBytes(2000 + n);
          written.set(key, body);
          expect(await settled(store, key, body)).toBe(true);
        }
      };
      const writers = Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
      for (let round = 0; round < 3; round++) {
        const enough = written.size + 150;
        while (written.size < enough) await store.now().then(() => new Promise((resolve) => setImmediate(resolve)));
        await server().kill();
        await server().start();
      }
      stop = true;
      await writers;
      // It did happen in the middle.
      expect((store.requests?.create ?? 0) - before).toBeGreaterThan(written.size);

      const listed: string[] = [];
      for await (const { entries } of store.list("w/")) listed.push(...entries.map(({ key }) => key));
      expect(listed).toEqual([...written.keys()].sort());
      for (const [key, body] of written)
        expect(Buffer.compare((await store.get(key)) ?? Buffer.alloc(0), body)).toBe(0);
      await store.close?.();
    });
  });
}

/** As core does it: the same create until it is answered. */
async function settled(store: StateStore, key: string, body: Uint8Array): Promise<boolean> {
  for (let first = true; ; first = false) {
    try {
      return await store.create(key, body, { exclusive: first });
    } catch (error) {
      if (!(error instanceof StoreError) || !error.retryable) throw error;
    }
  }
}
