import { SingleBar } from "cli-progress";
import { describe } from "./figures.ts";
import type { Figures } from "./figures.ts";

const width = 24;

/** A bar at the foot of the terminal, gone without a trace when the job ends. */
export function startBar(): { show(figures: Figures): void; clear(): void; stop(): void } {
  let figures: Figures | undefined;
  const bar = new SingleBar({
    format: () => (figures ? line(figures) : ""),
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
  });
  bar.start(1, 0);
  return {
    show(now) {
      figures = now;
      bar.setTotal(now.total ?? Math.max(1, now.done));
      bar.update(now.done);
      bar.render();
    },
    clear: () => void process.stderr.write("\r\u001B[K"),
    stop: () => bar.stop(),
  };
}

function line(figures: Figures): string {
  const { done, total, failed } = figures;
  const text = describe(figures);
  const filled = total === undefined ? 0 : Math.round((width * Math.min(done, total)) / Math.max(1, total));
  const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
  return `${total === undefined ? "" : `${bar}  `}${failed > 0 && process.stderr.hasColors() ? red(text) : text}`;
}

/** Only where the terminal has colours and NO_COLOR does not forbid them: `hasColors` knows. */
function red(text: string): string {
  return text.replace(/[\d,]+ failed$/, "\u001B[31m$&\u001B[39m");
}
