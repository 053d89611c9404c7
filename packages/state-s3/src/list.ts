import type { Entry, Page } from "@skyburst/core";
import type { Bucket } from "./bucket.ts";
import { repeated } from "./repeat.ts";

/**
 * Objects below `prefix` that come after the key `after`, page by page. Each page is asked for by the last key of the one
 * before, so that it can be asked for again. Keys are taken as they come: some services answer a wish for encoded ones
 * half-heartedly, and what would need it is no key here.
 */
export async function* pages(
  { connection, settings, nameOf }: Bucket,
  prefix: string,
  { after, signal }: { readonly after?: string | undefined; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Page, void, undefined> {
  let start = after ? nameOf(after) : undefined;
  for (let first = true; ; first = false) {
    const { Contents = [], IsTruncated } = await repeated(
      () =>
        connection.request("list", ({ client, sdk }) =>
          client.send(
            new sdk.ListObjectsV2Command({ Bucket: settings.bucket, Prefix: nameOf(prefix), StartAfter: start }),
          ),
        ),
      signal,
    );
    const entries: Entry[] = [];
    for (const { Key, Size, LastModified } of Contents) {
      // Consoles make objects that look like folders.
      if (Key === undefined || LastModified === undefined || Key.endsWith("/")) continue;
      entries.push({ key: Key.slice(settings.root.length), size: Size ?? 0, modified: LastModified.getTime() });
    }
    if (first || entries.length > 0) yield { now: connection.now(), entries };
    start = Contents.at(-1)?.Key ?? start;
    if (IsTruncated !== true || Contents.length === 0) return;
  }
}
