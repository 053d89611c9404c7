import { writeTo } from "./stream-output.ts";

/** One line on stderr, for whoever sits in front of it. */
export async function tell(text: string): Promise<void> {
  await writeTo(process.stderr, `skyburst: ${text}\n`);
}
