import { checkBackend } from "../doctor/check-backend.ts";
import { checkMachine } from "../doctor/check-machine.ts";
import { checkStore } from "../doctor/check-store.ts";
import type { Check } from "../doctor/check.ts";
import { writeTo } from "../output/stream-output.ts";
import { placeOf } from "../place-of.ts";
import { composeStack } from "../stack.ts";
import type { JobFlags, Stack } from "../stack.ts";

/** Tries everything that a job needs, and says what to do about what fails. */
export async function doctor(flags: JobFlags): Promise<number> {
  const stack = await composeStack(flags);
  const titles = {
    machine: "This machine",
    store: `The store: ${flags.store ?? placeOf(stack.store)}`,
    backend: `The backend: ${stack.backend.name}`,
  } as const;
  let subject: Check["subject"] | undefined;
  let failed = 0;
  for await (const check of checks(stack)) {
    if (check.result === "failed") failed++;
    if (flags.json) await writeTo(process.stdout, `${JSON.stringify(check)}\n`);
    else {
      if (check.subject !== subject) await writeTo(process.stdout, `${titles[check.subject]}\n`);
      await writeTo(process.stdout, line(check));
    }
    subject = check.subject;
  }
  if (!flags.json) await writeTo(process.stdout, failed === 0 ? "All is well.\n" : `${failed} failed.\n`);
  return failed === 0 ? 0 : 1;
}

async function* checks(stack: Stack): AsyncGenerator<Check> {
  yield* checkMachine(process.version);
  let fit = true;
  for await (const check of checkStore(stack.store)) {
    fit &&= check.result === "ok";
    yield check;
  }
  yield* checkBackend(stack, fit);
}

const words = { ok: "ok", failed: "FAILED", skipped: "-" } as const;

function line({ result, name, detail }: Check): string {
  return `  ${words[result].padEnd(6)}  ${detail === "" ? name : `${name}: ${detail}`}\n`;
}
