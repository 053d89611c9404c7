import type { Serializer } from "@skyburst/core";
import { serializer as builtIn } from "@skyburst/core/serializer";

/** How values of the program that runs travel. A thread runs one program at a time, and its hot loop asks nobody. */
export let serializer: Serializer = builtIn;

/** Whether it is the built-in one, whose forms of the commonest values are known beforehand. */
export let isBuiltIn = true;

/** @param chosen The program's own; undefined: the built-in one. */
export function useSerializer(chosen: Serializer | undefined): void {
  serializer = chosen ?? builtIn;
  isBuiltIn = chosen === undefined;
}
