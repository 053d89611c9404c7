import { beforeAll, expect, test } from "vitest";
import { s3 } from "../src/index.ts";
import { against, read, text } from "./server.ts";

for (const [name, keys] of [
  ["versitygw", 50],
  ["ministack", 20],
] as const) {
  await against(name, (server) => {
    let bucket: string;
    beforeAll(async () => {
      bucket = await server().bucket();
    });

    test("of 64 creates of one key at the same time by two clients, one is true, and its bytes stay", async () => {
      const [one, other] = [s3({ bucket, endpoint: server().endpoint }), s3({ bucket, endpoint: server().endpoint })];
      for (let key = 0; key < keys; key++) {
        const bodies = Array.from({ length: 64 }, (_, n) => `writer ${n}`);
        const won = await Promise.all(
          bodies.map((body, n) => (n % 2 ? one : other).create(`race/${key}`, text(body), { exclusive: n % 3 > 0 })),
        );
        const winners = bodies.filter((_, n) => won[n]);
        expect(winners).toHaveLength(1);
        expect(read(await one.get(`race/${key}`))).toBe(winners[0]);
      }
      for (const store of [one, other]) await store.close?.();
    });

    test("of 64 creates of the same bytes at the same time, each is true", async () => {
      const store = s3({ bucket, endpoint: server().endpoint });
      const answers = await Promise.all(Array.from({ length: 64 }, () => store.create("same", text("same"))));
      expect(new Set(answers)).toEqual(new Set([true]));
      await store.close?.();
    });
  });
}
