import type { CostEstimator, Rate, StoreRates } from "./costs.ts";
import { SkyburstError } from "./errors.ts";

/** What things cost somebody. What is left out is unknown here: backend and store are asked for it. */
export interface PriceSheet {
  /** One worker per hour. `spotRange`: lowest and highest price of one that may be taken away (`spec.spot`). */
  readonly worker?: number | { readonly perHour: number; readonly spotRange?: readonly [number, number] } | undefined;
  /** Name of the backend on which workers cost that, as `fargate`. Default: on any. */
  readonly backend?: string | undefined;
  /** Requests to the store, per 1,000 of a kind: all five, 0 for what is free. */
  readonly requests?: RequestPrices | undefined;
  /** Keeping one GB (2^30 bytes) for 30 days. Needs `requests`, as `transfer` does. */
  readonly storage?: number | undefined;
  /** One GB that workers write to the store, and that they read from it; a number is both. */
  readonly transfer?: number | { readonly in: number; readonly out: number } | undefined;
  /** Three letters. Default `USD`. */
  readonly currency?: string | undefined;
  /** Where these prices hold, in the provider's words. Default: everywhere. */
  readonly region?: string | undefined;
  /** Day on which they were read, as `2026-11-21`. Default: they never change. */
  readonly date?: string | undefined;
  /** Who says so. Default `a price sheet of your own`. */
  readonly source?: string | undefined;
}

export type RequestPrices = Readonly<Record<(typeof requestKinds)[number], number>>;

const requestKinds = ["create", "get", "list", "put", "delete"] as const;

/**
 * A price sheet of one's own, as `costs` of `open` takes it:
 *
 * ```ts
 * open({ …, costs: prices({ worker: 0.05, source: "our cluster's invoice" }) });
 * ```
 *
 * @throws {SkyburstError} `option`, with a line for each field whose value cannot be.
 */
export function prices(sheet: PriceSheet): CostEstimator {
  const faults = faultsOf(sheet);
  if (faults.length > 0) throw new SkyburstError("option", faults.join("\n"));
  const { worker, currency = "USD", region, date, source = "a price sheet of your own" } = sheet;
  const rate = (amount: number, unit: Rate["unit"]): Rate => ({
    amount,
    currency,
    unit,
    ...(region === undefined ? {} : { region }),
    ...(date === undefined ? {} : { date }),
    source,
  });
  const store = storeRates(sheet, rate);
  return {
    async worker({ spot }, name) {
      if (worker === undefined || (sheet.backend !== undefined && name !== undefined && name !== sheet.backend))
        return undefined;
      if (typeof worker === "number") return rate(worker, "hour");
      const { perHour, spotRange } = worker;
      if (!spot || !spotRange) return rate(perHour, "hour");
      const [lowest, highest] = spotRange;
      return { ...rate((lowest + highest) / 2, "hour"), range: [lowest, highest] };
    },
    store: async () => store,
  };
}

function storeRates(
  { requests, storage, transfer }: PriceSheet,
  rate: (amount: number, unit: Rate["unit"]) => Rate,
): StoreRates | undefined {
  if (!requests) return undefined;
  const there = typeof transfer === "number" ? { in: transfer, out: transfer } : transfer;
  const kinds = requestKinds.map((kind) => [kind, rate(requests[kind] / 1000, "request")] as const);
  return {
    requests: Object.fromEntries(kinds) as Record<(typeof requestKinds)[number], Rate>,
    ...(storage === undefined ? {} : { storage: rate(storage, "GB-month") }),
    ...(there ? { transfer: { in: rate(there.in, "GB"), out: rate(there.out, "GB") } } : {}),
  };
}

/** In order of the sheet. It may have been written in plain JavaScript, or read from a file. */
function faultsOf(sheet: PriceSheet): string[] {
  const faults: string[] = [];
  const known = ["worker", "backend", "requests", "storage", "transfer", "currency", "region", "date", "source"];
  for (const name of Object.keys(sheet))
    if (!known.includes(name)) faults.push(`prices: ${name} is unknown; a price sheet has ${known.join(", ")}.`);
  checkWorker(sheet.worker, faults);
  const { requests, storage, transfer } = sheet;
  if (requests !== undefined) checkAll("requests", requests, requestKinds, "per 1,000 of them", faults);
  checkPrice("storage", storage, "per GB and 30 days", faults);
  if (typeof transfer === "object") checkAll("transfer", transfer, ["in", "out"], "per GB", faults);
  else checkPrice("transfer", transfer, "per GB", faults);
  if (requests === undefined && (storage !== undefined || transfer !== undefined))
    faults.push("prices: requests is missing; give it beside storage and transfer, 0 for what is free.");
  checkText(sheet, faults);
  return faults;
}

function checkWorker(worker: PriceSheet["worker"], faults: string[]): void {
  if (typeof worker !== "object" || worker === null) return checkPrice("worker", worker, "per hour", faults);
  checkAll("worker", worker, ["perHour"], "per hour", faults);
  const range: readonly unknown[] | undefined = worker.spotRange;
  if (range === undefined) return;
  const [lowest, highest] = Array.isArray(range) ? range : [];
  if (!isPrice(lowest) || !isPrice(highest) || lowest > highest)
    faults.push(`prices: worker.spotRange is ${shown(range)}; it has to be the lowest and the highest price per hour.`);
}

function checkAll(name: string, given: object, parts: readonly string[], unit: string, faults: string[]): void {
  const values = given as Readonly<Record<string, unknown>> | null;
  for (const part of parts)
    if (!isPrice(values?.[part]))
      faults.push(`prices: ${name}.${part} is ${shown(values?.[part])}; it has to be a price ${unit}, 0 or more.`);
}

function checkPrice(name: string, value: unknown, unit: string, faults: string[]): void {
  if (value !== undefined && !isPrice(value))
    faults.push(`prices: ${name} is ${shown(value)}; it has to be a price ${unit}, 0 or more.`);
}

function checkText(sheet: PriceSheet, faults: string[]): void {
  const { currency = "USD", date = "2026-11-21", backend = "-", region = "-", source = "-" } = sheet;
  if (!/^[A-Z]{3}$/.test(currency))
    faults.push(`prices: currency is ${shown(currency)}; it has to be three letters, as USD.`);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date)))
    faults.push(`prices: date is ${shown(date)}; it has to be the day on which prices were read, as 2026-11-21.`);
  for (const [name, text] of Object.entries({ backend, region, source }))
    if (typeof text !== "string" || text === "")
      faults.push(`prices: ${name} is ${shown(text)}; it has to be a text that is not empty.`);
}

function isPrice(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}
