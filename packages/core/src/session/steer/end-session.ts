import type { Ledger } from "../../protocol/ledger.ts";
import type { Place } from "../place.ts";
import { standingSession } from "../standing-session.ts";

/** Ends every open submission. */
export async function endSession(place: Place): Promise<{ readonly submissions: number }> {
  let open = openSubmissions(await standingSession(place));
  const ended = await place.view.append({
    operations: [{ op: "end" }],
    admissible: (ledger) => (open = openSubmissions(ledger)) > 0,
  });
  return { submissions: ended ? open : 0 };
}

function openSubmissions({ submissions }: Ledger): number {
  return submissions.filter(({ ended }) => !ended).length;
}
