import { expect, test } from "vitest";
import { PullProgress } from "./pull-progress.ts";

const MB = 1_000_000;
const coming = (id: string, current: number, total: number) => ({
  id,
  status: "Downloading",
  progressDetail: { current: current * MB, total: total * MB },
});

test("adds up the layers, and says when it does not know all sizes", () => {
  const layers = new PullProgress("tools:1");
  const said = [
    { id: "1", status: "Pulling from tools" },
    { id: "a", status: "Pulling fs layer" },
    { id: "b", status: "Pulling fs layer" },
    { id: "c", status: "Already exists" },
    { id: "b", status: "Waiting" },
    coming("a", 10, 40),
    coming("a", 10, 40),
    coming("b", 5, 60),
    { id: "a", status: "Verifying Checksum" },
    { id: "a", status: "Download complete" },
    coming("b", 60, 60),
    { id: "b", status: "Download complete" },
    { id: "a", status: "Extracting", progressDetail: { current: MB, total: 40 * MB } },
    { id: "a", status: "Pull complete" },
    { id: "b", status: "Pull complete" },
    { status: "Digest: sha256:0" },
  ].flatMap((event) => layers.look(event) ?? []);
  expect(said).toEqual([
    "pulling tools:1: 10 of at least 40 MB",
    "pulling tools:1: 15 of 100 MB",
    "pulling tools:1: 45 of 100 MB",
    "pulling tools:1: 100 of 100 MB",
    "pulling tools:1: all 100 MB are here, unpacking",
  ]);
});

test("says nothing of an image that is there already", () => {
  const layers = new PullProgress("tools:1");
  expect(layers.look({ id: "a", status: "Already exists" })).toBeUndefined();
  expect(layers.look({ status: "Status: Image is up to date for tools:1" })).toBeUndefined();
});
