import { beforeAll, expect, test } from "vitest";
import { s3 } from "../src/index.ts";
import { against, read, text } from "./server.ts";

for (const name of ["versitygw", "ministack"] as const) {
  await against(name, (server) => {
    let bucket: string;
    beforeAll(async () => {
      bucket = await server().bucket();
    });

    test("of 64 creates of one key at the same time by two clients, one is true, and its bytes stay", async () => {
      const stores = [0, 1].map(() => s3({ bucket, endpoint: server().endpoint }));
      for (let key = 0; key < 50; key++) {
        const bodies = Array.from({ length: 64 }, (_, n) => `writer ${n}`);
        const won = await Promise.all(
          bodies.map((body, n) => stores[n % 2]?.create(`race/${key}`, text(body), { exclusive: n % 3 > 0 })),
        );
        const winners = bodies.filter((_, n) => won[n]);
        expect(winners).toHaveLength(1);
        expect(read(await stores[0]?.get(`race/${key}`))).toBe(winners[0]);
      }
      for (const store of stores) await store.close?.();
    });

    test("of 64 creates of the same bytes at the same time, each is true", async () => {
      const store = s3({ bucket, endpoint: server().endpoint });
      const answers = await Promise.all(Array.from({ length: 64 }, () => store.create("same", text("same"))));
      expect(new Set(answers)).toEqual(new Set([true]));
      await store.close?.();
    });
  });
}
