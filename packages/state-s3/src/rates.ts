import type { Rate, StoreRates } from "@skyburst/core";
import type { Connection } from "./connection.ts";
import { isAws } from "./options.ts";

/** What a bucket of class Standard costs; `undefined` for regions and services whose prices are not in here. */
export async function ratesOf(connection: Connection, endpoint: string | undefined): Promise<StoreRates | undefined> {
  const host = connection.host ?? (endpoint === undefined ? undefined : new URL(endpoint).hostname);
  if (host === undefined || !isAws(host)) return undefined;
  const { client } = await connection.open();
  return RATES[await client.config.region()];
}

const from = { currency: "USD", date: "2026-11-21" } as const;
const REQUESTS = "https://c3x.dev/blog/s3-request-fees-explained";

function usEast1(amount: number, unit: Rate["unit"], source = REQUESTS): Rate {
  return { amount, unit, region: "us-east-1", source, ...from };
}

const write = usEast1(0.005 / 1000, "request");
const transfer = usEast1(0, "GB", "https://aws.amazon.com/s3/pricing/: within a region");

/** By region. A request that is refused (412) costs what it would have cost. */
const RATES: Readonly<Record<string, StoreRates>> = {
  "us-east-1": {
    requests: {
      create: write,
      put: write,
      list: write,
      get: usEast1(0.0004 / 1000, "request"),
      delete: usEast1(0, "request"),
    },
    storage: usEast1(0.023, "GB-month"),
    transfer: { in: transfer, out: transfer },
  },
};
