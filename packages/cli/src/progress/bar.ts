import { describe } from "./figures.ts";
import type { Figures } from "./figures.ts";

const width = 24;

/**
 * One line at the foot of a terminal, written over and over, and gone without a trace at the end. Output may go to the same
 * terminal, so nothing is remembered of where the line stands: only the line that the cursor is in is ever erased.
 */
export function bar(terminal: NodeJS.WriteStream): { show(figures: Figures): void; clear(): void } {
  return {
    show: (figures) => void terminal.write(`${erase}${line(figures, terminal)}\r`),
    clear: () => void terminal.write(erase),
  };
}

const erase = "\r\u001B[K";

function line(figures: Figures, terminal: NodeJS.WriteStream): string {
  const { done, total, failed } = figures;
  const filled = total === undefined ? 0 : Math.floor((width * Math.min(done, total)) / Math.max(1, total));
  const drawn = total === undefined ? "" : `${"█".repeat(filled)}${"░".repeat(width - filled)}  `;
  // A line that wraps could not be erased; a terminal that does not know its width says 0.
  const text = `${drawn}${describe(figures)}`.slice(0, Math.max(0, (terminal.columns || 80) - 1));
  return failed > 0 && terminal.hasColors() ? red(text) : text;
}

/** Only where the terminal has colours and NO_COLOR does not forbid them: `hasColors` knows. */
function red(text: string): string {
  return text.replace(/[\d,]+ failed$/, "\u001B[31m$&\u001B[39m");
}
