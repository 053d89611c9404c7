import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";

export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly processor: string;
  readonly processors: number;
  readonly memory: string;
  /** Processors that everything here was bound to; undefined: it was free to run on all. */
  readonly pinned: string | undefined;
  /** Every Node that starts reads more certificates than its own first, which may take longer than all the rest of its start. */
  readonly certificates: boolean;
}

/** Binds this process, and so all that it starts, to two processors, and tells what the machine is. */
export function prepareMachine(): Machine {
  const pinned = pin();
  return {
    node: process.version,
    system: `${type()} ${release()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    pinned,
    certificates: process.env.NODE_EXTRA_CA_CERTS !== undefined,
  };
}

export function describe({ node, system, processor, processors, memory, pinned, certificates }: Machine): string {
  const bound = pinned === undefined ? "not bound to two of them (no taskset here)" : `bound to ${pinned}`;
  const slow = certificates ? "; NODE_EXTRA_CA_CERTS is set, which each start of Node pays for" : "";
  return `Node ${node.slice(1)}, ${system}, ${processors} × ${processor}, ${memory}; everything ${bound}${slow}`;
}

function pin(): string | undefined {
  try {
    const two = allowed().slice(0, 2).join(",");
    execFileSync("taskset", ["-acp", two, String(process.pid)], { stdio: "ignore" });
    return two;
  } catch {
    // No taskset or no /proc, as on macOS: the table says so.
    return undefined;
  }
}

/** Processors that this process may run on: a container may have been given any. */
function allowed(): number[] {
  const status = readFileSync("/proc/self/status", "utf8");
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "0-1";
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
}
