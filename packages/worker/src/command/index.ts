export type {
  Command,
  CommandResult,
  CommandSlot,
  CommandSlotOptions,
  OutputChannel,
  OutputSink,
  RunOptions,
} from "./command.ts";
export { directCommandSlot } from "./direct-slot.ts";
export { commandSlot, loopCommandSlot, queueCommandSlot } from "./shell-slot.ts";
