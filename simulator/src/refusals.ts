import type { Witness } from "./witness/witness.ts";

/**
 * What a session says to who comes too late, or asks for what is not to be had; each only as long as it is so.
 *
 * @param read The newest entry that was read by who is refused. Default: all that there are.
 */
export function isRefused(
  error: unknown,
  { ledger, limitedAt = Number.POSITIVE_INFINITY }: Witness,
  read = ledger?.rev ?? 0,
): boolean {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (!ledger) return false;
  if (ledger.removed && /gives? it|lost|can't be read|does not end its turn/.test(text)) return true;
  if (/was removed|There is no session|somebody removed/.test(text)) return ledger.removed === true;
  if (/nothing of it (runs again|goes on)|was cancelled: nothing/.test(text)) return ledger.cancelled;
  if (/submission that was cancelled/.test(text)) return ledger.submissions.some(({ cancelled }) => cancelled);
  if (/has ended: nothing can be added|ended or cancelled/.test(text))
    return ledger.cancelled || ledger.submissions.some(({ ended }) => ended);
  if (/has no deadline that could be moved/.test(text)) return read < limitedAt;
  return /only what failed runs again|which has passed: by the store's clock|has no task yet/.test(text);
}
