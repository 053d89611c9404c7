import fc from "fast-check";
import { expect, test } from "vitest";
import { LineGatherer } from "../src/output/line-gatherer.ts";

test("no line of another log stands within a line, and nothing is lost", () => {
  const line = fc.string({ maxLength: 8 }).map((text) => text.replaceAll("\n", "."));
  const logs = fc.array(fc.array(line, { maxLength: 5 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(logs, fc.infiniteStream(fc.nat()), (all, chance) => {
      const lines = new LineGatherer();
      const left = all.map((log, n) => log.map((text) => `${n}${text}\n`).join("") + (log.length % 2 ? `${n}end` : ""));
      let printed = "";
      const next = () => chance.next().value;
      while (left.some((text) => text !== "")) {
        const n = next() % left.length;
        const text = left[n] ?? "";
        const size = next() % (text.length + 1);
        left[n] = text.slice(size);
        for (const whole of lines.take(String(n), Buffer.from(text.slice(0, size))))
          printed += Buffer.from(whole).toString();
      }
      for (const log of lines.open) printed += `${Buffer.concat([...lines.end(log)]).toString()}\n`;
      const expected = all.flatMap((log, n) => [
        ...log.map((text) => `${n}${text}`),
        ...(log.length % 2 ? [`${n}end`] : []),
      ]);
      expect(printed.split("\n").slice(0, -1).sort()).toEqual(expected.sort());
    }),
  );
});

test("a long line is printed as far as it is there", () => {
  const lines = new LineGatherer();
  const part = new Uint8Array(40_000);
  expect([...lines.take("a", part)]).toEqual([]);
  expect([...lines.take("a", part)].map(({ length }) => length)).toEqual([40_000, 40_000]);
  expect(lines.open).toEqual([]);
});
