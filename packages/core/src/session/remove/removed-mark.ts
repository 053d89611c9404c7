/**
 * Sessions that were removed, while something of them is left: who lists sessions need not read each one's ledger to know.
 * Below a prefix of its own: the index stays as its sessions wrote it.
 */
export const removedPrefix = "removed/";

export function removedKey(session: string): string {
  return removedPrefix + session;
}
