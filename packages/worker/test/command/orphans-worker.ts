import { commandSlot } from "../../src/command/index.ts";

/** A process that runs one deaf command and says where: `command loop`. */
const [shell = ""] = process.argv.slice(2);
const slot = commandSlot(shell === "" ? {} : { shells: [shell] });
await slot.run(
  { argv: ["sh", "-c", "trap '' TERM; echo $$ $PPID; while :; do sleep 1; done"] },
  { grace: 1_000, output: { onData: (_channel, bytes) => void process.stdout.write(bytes) } },
);
