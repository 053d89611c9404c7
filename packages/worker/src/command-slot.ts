import type { CommandSlot } from "./command/command.ts";
import { CommandRun, Room } from "./command-run.ts";
import type { MemoryKills } from "./memory/memory-kills.ts";
import { commandsAheadSeconds } from "./pace.ts";
import type { Slot } from "./slot.ts";

/** Runs assignments of commands, one after the other. The commands of the next may follow without a pause. */
export function commandTaskSlot(
  commands: CommandSlot,
  memoryKills: MemoryKills,
  stdin: (sha256: string) => Promise<string>,
): Slot {
  const room = new Room(commands.ahead + 1);
  let last: Promise<unknown> = Promise.resolve();
  return {
    ahead: commandsAheadSeconds,
    isUp: true,
    run(assignment, report, signals) {
      const run = new CommandRun({ commands, room, memoryKills, stdin, assignment, report, signals });
      const end = last.then(() => run.run());
      // A second assignment may be ready before the first one ended.
      last = run.given;
      return end;
    },
    close: () => commands.close(),
  };
}
