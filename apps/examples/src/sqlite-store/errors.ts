import { StoreError, type StoreErrorCode } from "@skyburst/core";

/** What SQLite says, in the words of the contract. Core repeats what is `retryable`, and tells the user the rest. */
export function translated(error: unknown, path: string): unknown {
  const name = error instanceof Error && "code" in error ? String(error.code) : "";
  const [, code, advice] = MEANINGS.find(([begin]) => name.startsWith(begin)) ?? [];
  if (code === undefined) return error;
  return new StoreError(code, `The store ${path}: ${advice} (${name})`, { cause: error });
}

const MEANINGS: readonly (readonly [begin: string, code: StoreErrorCode, advice: string])[] = [
  ["SQLITE_BUSY", "unavailable", "another process has been writing for 10 s"],
  ["SQLITE_LOCKED", "unavailable", "another process has been writing for 10 s"],
  ["SQLITE_FULL", "full", "the disk is full; free some space"],
  ["SQLITE_READONLY", "permission", "this user may not write there"],
  ["SQLITE_PERM", "permission", "this user may not write there"],
  ["SQLITE_CANTOPEN", "permission", "this user may not open it"],
  ["SQLITE_NOTADB", "not-found", "the file is no database"],
  // Whether a write took effect before the disk failed, nobody knows.
  ["SQLITE_IOERR", "unknown", "the disk did not answer"],
];
