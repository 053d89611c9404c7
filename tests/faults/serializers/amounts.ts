import type { Serializer } from "@skyburst/core";

/** A class of the user's, which the built-in serializer refuses. */
export class Amount {
  readonly cents: bigint;

  constructor(cents: bigint) {
    this.cents = cents;
  }
}

/** Amounts travel as text in `unit`; everything else as JSON. */
export function open({ unit }: { readonly unit: string }): Serializer {
  return {
    reference: { module: import.meta.url, options: { unit } },
    encode(value) {
      const json = JSON.stringify(value, (_, part: unknown) =>
        part instanceof Amount ? { [unit]: String(part.cents) } : part,
      );
      return { json, meta: '"amounts"', attachments: undefined };
    },
    decode: ({ value }) =>
      JSON.parse(JSON.stringify(value), (_, part: unknown) =>
        isAmount(part) ? new Amount(BigInt(part[unit] ?? "")) : part,
      ),
  };

  function isAmount(part: unknown): part is Readonly<Record<string, string>> {
    return typeof part === "object" && part !== null && unit in part;
  }
}
