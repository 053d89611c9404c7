import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ARGUMENT, parseId, VARIABLE } from "./label.ts";
import { type Found, onePerId, type ProcessTable } from "./processes.ts";

const run = promisify(execFile);

/** A machine of many processes with long environments prints some megabytes. */
const MOST_OUTPUT = 256 * 1024 * 1024;

/**
 * macOS and others without a process file system: the `ps` command. The environment of the system's own programs
 * (`/bin/sh`) is hidden there, so that a command is found by it only when it runs other programs.
 */
export function psTable(): ProcessTable {
  return {
    async workers() {
      return onePerId((await ps(["-axww", "-o", COLUMNS])).flatMap(worker));
    },
    async carrying(ids) {
      const rows = await ps(["-axEww", "-o", COLUMNS]);
      return rows.flatMap(({ pid, text }) => {
        const id = idIn(text, `${VARIABLE}=`);
        return id !== undefined && ids.has(id) ? [pid] : [];
      });
    },
  };
}

const COLUMNS = "pid=,ppid=,uid=,stat=,command=";

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly text: string;
}

/** Processes of this user that run. */
async function ps(args: readonly string[]): Promise<readonly Row[]> {
  const { stdout } = await run("ps", args, { maxBuffer: MOST_OUTPUT });
  return stdout.split("\n").flatMap(parseRow);
}

function parseRow(line: string): readonly Row[] {
  const [, pid, parent, uid, state = "Z", text = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
  if (state.startsWith("Z") || Number(uid) !== process.getuid?.()) return [];
  return [{ pid: Number(pid), parent: Number(parent), text }];
}

function worker({ pid, parent, text }: Row): readonly Found[] {
  const id = idIn(text, ARGUMENT);
  return id === undefined ? [] : [{ id, pid, parent }];
}

/** Ids hold no white space. */
function idIn(text: string, prefix: string): string | undefined {
  const word = text.split(" ").find((word) => word.startsWith(prefix));
  const id = word?.slice(prefix.length);
  return id !== undefined && parseId(id) ? id : undefined;
}
