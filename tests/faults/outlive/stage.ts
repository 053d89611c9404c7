import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listSessions } from "@skyburst/core";
import { unavailable, versitygw } from "@skyburst/engines";
import type { S3Engine } from "@skyburst/engines";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { eventually, filesIn, linesOf, temporaryDirectory } from "../session-under-test.ts";
import type { Scene } from "../tasks.ts";
import { directoryGround, s3Ground } from "./ground.ts";
import type { Ground } from "./ground.ts";
import { byApi, byCommand } from "./hands.ts";
import type { Hands } from "./hands.ts";
import { killAll } from "./processes.ts";

/** Where one test plays. */
export class Stage {
  readonly ground: Ground;
  readonly hands: Hands;
  /** For what tasks write. */
  readonly scratch = temporaryDirectory();

  constructor(ground: Ground, hands: (ground: Ground) => Hands) {
    this.ground = ground;
    this.hands = hands(ground);
  }

  /** Inputs of `gated` that wait for gate 0, in a row, numbered by their value if they are to differ. */
  scenes(count: number, n: (index: number) => number = () => 0): Scene[] {
    return Array.from({ length: count }, (_, index) => ({ scratch: this.scratch, n: n(index) }));
  }

  openGate(n: number): void {
    writeFileSync(join(this.scratch, `gate-${n}`), "");
  }

  /** Processes that began the task with this index, each time that one did. */
  runsOf(index: number): number[] {
    return linesOf(join(this.scratch, `runs-${index}`)).map(Number);
  }

  /** Tasks that have begun, and said so. */
  get begun(): number {
    const runs = filesIn(this.scratch).filter((name) => name.startsWith("runs-"));
    return runs.filter((name) => linesOf(join(this.scratch, name)).length > 0).length;
  }

  async running(count: number): Promise<void> {
    await eventually(`${count} tasks that have begun`, () => this.begun >= count);
  }

  /** Whatever a test has left ends with it, and is gone. */
  async clear(): Promise<void> {
    await this.hands.leave();
    for (const { id } of await listSessions(this.ground.store)) {
      await killAll(id);
    }
    this.ground.remove();
  }
}

export const ways = { command: byCommand, API: byApi } as const;
export type Way = keyof typeof ways;

/** Tests that are played on both stores, by command and by API. */
export async function onEveryStage(define: (stage: () => Stage) => void): Promise<void> {
  await onStages((ground, way) => new Stage(ground, ways[way]), define);
}

/** The same on stages of another kind. */
export async function onStages<S extends Stage>(
  make: (ground: Ground, way: Way) => S,
  define: (stage: () => S) => void,
): Promise<void> {
  const missing = await unavailable("versitygw");
  describe("on a directory", () => {
    inBothWays((way) => make(directoryGround(), way), define);
  });
  describe.skipIf(missing)(`on S3${missing ? `: ${missing}` : ""}`, () => {
    let server: S3Engine | undefined;
    let bucket = "";
    let grounds = 0;
    beforeAll(async () => {
      server = await versitygw();
      process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
      process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
      bucket = await server.bucket();
    });
    afterAll(() => server?.stop());
    inBothWays(
      (way) => make(s3Ground({ endpoint: server?.endpoint ?? "", bucket }, `ground-${grounds++}`), way),
      define,
    );
  });
}

function inBothWays<S extends Stage>(make: (way: Way) => S, define: (stage: () => S) => void): void {
  for (const way of ["command", "API"] as const) {
    describe(`by the ${way}`, () => {
      let stage: S | undefined;
      beforeEach(() => {
        stage = make(way);
      });
      afterEach(async () => {
        await stage?.clear();
        stage = undefined;
      });
      define(() => {
        if (!stage) throw new Error("There is a stage within a test only.");
        return stage;
      });
    });
  }
}
