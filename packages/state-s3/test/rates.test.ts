import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { s3 } from "../src/index.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

async function ratesIn(region: string, endpoint: string | undefined) {
  const client = new S3Client({ region });
  const store = s3({ bucket: "jobs", client, endpoint });
  try {
    return await store.rates?.();
  } finally {
    await store.close?.();
    client.destroy();
  }
}

test("prices are told for the region that they were read for, each with where it is from", async () => {
  const rates = await ratesIn("us-east-1", "https://s3.us-east-1.amazonaws.com");
  const { create, get, list, put, delete: deletion } = rates?.requests ?? {};
  expect([create, get, list, put, deletion].map((rate) => (rate?.amount ?? Number.NaN) * 1000)).toEqual([
    0.005, 0.0004, 0.005, 0.005, 0,
  ]);
  for (const rate of [create, get, list, put, deletion, rates?.storage, rates?.transfer?.in, rates?.transfer?.out])
    expect(rate).toMatchObject({
      currency: "USD",
      region: "us-east-1",
      date: /^\d{4}-\d\d-\d\d$/.exec(rate?.date ?? "")?.[0],
      source: expect.stringMatching(/^https:/),
    });
});

test("what is not known is unknown, never free", async () => {
  expect(await ratesIn("eu-west-1", "https://s3.eu-west-1.amazonaws.com")).toBeUndefined();
  expect(await ratesIn("us-east-1", "http://127.0.0.1:9000")).toBeUndefined();
  // Who will answer shows at the first request.
  expect(await ratesIn("us-east-1", undefined)).toBeUndefined();
});
