const pending = new Set<() => void>();
let listens = false;

/** Does this when the process ends while nobody has called what is returned. One listener serves all: Node warns of many. */
export function atExit(act: () => void): () => void {
  if (!listens) process.prependListener("exit", () => [...pending].toReversed().forEach((last) => last()));
  listens = true;
  pending.add(act);
  return () => void pending.delete(act);
}
