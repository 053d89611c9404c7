/** Modules of this repository, as a configuration in another directory imports them. */
const modules = {
  local: new URL(import.meta.resolve("@skyburst/backend-local")).pathname,
  core: new URL(import.meta.resolve("@skyburst/core")).pathname,
  cli: new URL("../src/index.ts", import.meta.url).pathname,
} as const;

/** A configuration in which a worker of this machine costs so many dollars per hour; `more`: further fields. */
export function priced(perHour: number, more = ""): string {
  return `
import { local } from ${JSON.stringify(modules.local)};
import { prices } from ${JSON.stringify(modules.core)};
import { defineConfig } from ${JSON.stringify(modules.cli)};
export default defineConfig({
  backend: local({ slots: 1 }),
  costs: prices({ worker: ${perHour}, source: "made up", date: "2026-11-21" }),
  ${more}
});`;
}

/** A configuration of two further backends, of which one is quick to start and one bills a minute at least. */
export function compared(more = ""): string {
  return `
import { local } from ${JSON.stringify(modules.local)};
import { defineConfig } from ${JSON.stringify(modules.cli)};
const rented = local({ slots: 1, maxWorkers: 100 });
const far = (name, startup, minimumBilling, rate) => ({
  ...rented,
  name,
  capabilities: { ...rented.capabilities, sharesFileSystem: false, startup, minimumBilling },
  rate: async () => ({ currency: "USD", unit: "hour", source: "made up", date: "2026-11-21", ...rate }),
});
export default defineConfig({
  backends: {
    near: far("near", 1000, 0, { amount: 3.6 }),
    spot: far("spot", 30000, 60000, { amount: 0.06, range: [0.05, 0.09] }),
  },
  ${more}
});`;
}
