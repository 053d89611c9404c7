import type { Figure } from "./figure.ts";
import { attach } from "./figures/attach.ts";
import { busyCores } from "./figures/busy-cores.ts";
import { collect } from "./figures/collect.ts";
import { crowd } from "./figures/crowd.ts";
import { dockerEach } from "./figures/docker-each.ts";
import { dockerLaunch } from "./figures/docker-launch.ts";
import { dockerMap } from "./figures/docker-map.ts";
import { dockerRun } from "./figures/docker-run.ts";
import { each } from "./figures/each.ts";
import { followedLogs } from "./figures/follow.ts";
import { noopMaps } from "./figures/noop-map.ts";
import { queue } from "./figures/queue.ts";
import { s3Maps, s3Requests } from "./figures/s3.ts";
import { firstOutcome, start } from "./figures/start.ts";
import { durable, operations } from "./figures/store.ts";
import { submit } from "./figures/submit.ts";
import { takeover } from "./figures/takeover.ts";

/** In the order of the table; the short ones first, before the disk has much to do. */
const figures: readonly Figure[] = [
  start,
  firstOutcome,
  takeover,
  followedLogs,
  ...noopMaps,
  submit,
  attach,
  collect,
  operations,
  durable,
  busyCores,
  each,
  s3Requests,
  s3Maps,
  crowd,
  queue,
  dockerRun,
  dockerLaunch,
  dockerEach,
  dockerMap,
];

/** Those of these names; none: all. @throws {Error} for a name that does not exist. */
export function figuresNamed(names: readonly string[]): readonly Figure[] {
  const known = figures.map(({ name }) => name);
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new Error(`--only ${wrong}: there are ${known.join(", ")}.`);
  return names.length === 0 ? figures : figures.filter(({ name }) => names.includes(name));
}
