import { describe } from "./figures.ts";
import type { Figures } from "./figures.ts";

/** Of the bar; with less room than the second it is left out, for the figures. */
const widths = { most: 24, least: 8 } as const;

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
  // A line that wraps could not be erased; a terminal that does not know its width says 0.
  const room = Math.max(0, (terminal.columns || 80) - 1);
  const told = describe(figures);
  const text = `${drawn(figures, Math.min(widths.most, room - told.length - 2))}${told}`.slice(0, room);
  return figures.failed > 0 && terminal.hasColors() ? red(text) : text;
}

function drawn({ done, total }: Figures, width: number): string {
  if (total === undefined || width < widths.least) return "";
  const filled = Math.floor((width * Math.min(done, total)) / Math.max(1, total));
  return `${"█".repeat(filled)}${"░".repeat(width - filled)}  `;
}

/** Only where the terminal has colours and NO_COLOR does not forbid them: `hasColors` knows. */
function red(text: string): string {
  return text.replace(/[\d,]+ failed$/, "\u001B[31m$&\u001B[39m");
}
