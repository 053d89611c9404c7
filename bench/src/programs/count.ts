import { s3 } from "@skyburst/state-s3";
import type { S3Options } from "@skyburst/state-s3";
import { countResults } from "../check.ts";

/** Prints how many results a bucket holds, read by nobody who took part. */
const [place = "{}"] = process.argv.slice(2);
const store = s3(JSON.parse(place) as S3Options);
const results = await countResults(store);
await store.close?.();
process.stdout.write(JSON.stringify(results));
