import { writeTo } from "./stream-output.ts";
import { tell } from "./tell.ts";

/** What a command did: a line on stderr for whoever typed it, or a line of JSON on stdout for programs. */
export async function printResult(
  { json }: { readonly json?: boolean },
  result: Readonly<Record<string, unknown>>,
  said: string,
): Promise<void> {
  await (json ? writeTo(process.stdout, `${JSON.stringify(result)}\n`) : tell(said));
}
