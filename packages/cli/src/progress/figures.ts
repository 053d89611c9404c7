import type { Cost } from "@skyburst/core";
import { money } from "../output/money.ts";

/** What progress tells at one moment. */
export interface Figures {
  readonly done: number;
  /** undefined while inputs are still coming in. */
  readonly total: number | undefined;
  readonly failed: number;
  readonly workers: number;
  /** Per second. */
  readonly rate: number;
  /** Seconds. */
  readonly eta: number | undefined;
  /** So far. undefined: nobody knows, or it is free. */
  readonly cost?: Cost | undefined;
  /** For which workers are waited, and for how many seconds already. */
  readonly waiting?: { readonly because: string; readonly seconds: number } | undefined;
}

/** `1,200/10,000 12% 340/s ETA 26s 2 workers $0.12 3 failed` */
export function describe({ done, total, failed, workers, rate, eta, cost, waiting }: Figures): string {
  const parts = [
    total === undefined
      ? count(done)
      : `${count(done)}/${count(total)} ${Math.floor((100 * done) / Math.max(1, total))}%`,
    rate > 0 ? `${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))}/s` : "",
    eta === undefined || total === undefined ? "" : `ETA ${span(eta)}`,
    `${workers} ${workers === 1 ? "worker" : "workers"}`,
    cost === undefined ? "" : money(cost),
    waiting === undefined ? "" : `waiting ${span(waiting.seconds)}: ${waiting.because}`,
    failed > 0 ? `${count(failed)} failed` : "",
  ];
  return parts.filter((part) => part !== "").join("  ");
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Two units at most: `45s`, `3m 20s`, `2h 5m`, `3d 4h`. */
export function span(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3600)}h`;
}
