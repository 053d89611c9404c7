import type { Json } from "@skyburst/core";
import { formsOf } from "./forms.ts";
import { MaskedStream } from "./masked-stream.ts";

/** A text that is not to be seen, and what is seen in its place. */
export interface Form {
  readonly bytes: Buffer;
  readonly mask: Buffer;
}

/** Puts `***NAME***` wherever the value of a secret stands in what tasks print, and in what their errors say. */
export class Mask {
  readonly #forms: readonly Form[];

  /** @param secrets Values by name. */
  constructor(secrets: Readonly<Record<string, string>>) {
    this.#forms = Object.entries(secrets).flatMap(([name, value]) => {
      const mask = Buffer.from(`***${name}***`);
      return formsOf(value).map((form) => ({ bytes: Buffer.from(form), mask }));
    });
  }

  /** For bytes that come in pieces, between any two of which a value may be cut. */
  stream(): MaskedStream {
    return new MaskedStream(this.#forms);
  }

  text(text: string): string {
    const stream = this.stream();
    return Buffer.concat([stream.next(Buffer.from(text)), stream.end()]).toString();
  }

  /** Every text in it, names of members too. */
  json(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((element) => this.json(element));
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.text(name), this.json(member)]));
  }
}
