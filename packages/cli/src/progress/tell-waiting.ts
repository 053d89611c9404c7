import type { AttachedSession } from "@skyburst/core";
import { tell } from "../output/tell.ts";
import { span } from "./figures.ts";
import { Waiting } from "./waiting.ts";

/** Between two looks at the store, in milliseconds: what starts sooner than the first is not waited for. */
const interval = 5000;

/**
 * Says on stderr what is waited for, as the pull of an image, whenever that changes, until somebody has come to work. Returns how to end
 * that sooner.
 */
export function tellWaiting(session: Pick<AttachedSession, "status">): () => void {
  const waiting = new Waiting();
  let told = "";
  let stopped = false;
  let timer: NodeJS.Timeout;
  const look = async () => {
    const status = await session.status();
    if (stopped || status.workers > 0) return;
    const { because = told, seconds = 0 } = waiting.look(status, performance.now()) ?? {};
    if (because !== told) await tell(`waiting ${span(seconds)}: ${because}`);
    told = because;
    schedule();
  };
  // A look that fails is followed by the next: what it could not reach, the job itself reports.
  const schedule = () => {
    timer = setTimeout(() => void look().catch(schedule), interval).unref();
  };
  schedule();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
