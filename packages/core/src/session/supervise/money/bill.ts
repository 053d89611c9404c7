/** What workers have cost so far, and go on costing. Times are milliseconds on one clock. */
export interface Bill {
  readonly now: number;
  /** Money of one worker per millisecond. */
  readonly rate: number;
  /** The shortest time of a worker that is billed. */
  readonly minimum: number;
  /** Billed time of workers that have ended. */
  readonly ended: number;
  /** Since when those are billed that have not. */
  readonly starts: readonly number[];
  /** What was spent on anything else. */
  readonly besides: number;
}

/** What all of it comes to if those who live stay until `at`, with so many more from now on. */
export function spentBy({ now, rate, minimum, ended, starts, besides }: Bill, at: number, more = 0): number {
  const time = starts.reduce((sum, start) => sum + Math.max(at - start, minimum), ended);
  return besides + rate * (time + more * Math.max(at - now, minimum));
}

/**
 * Until when an amount pays for those who live and so many more. What was rented for a while is paid for that while, whether it is used or
 * not: minus infinity when the amount is less than that. Infinite when nothing costs anything.
 */
export function paidUntil(bill: Bill, amount: number, more = 0): number {
  const { now, rate, minimum, ended, besides } = bill;
  const starts = [...bill.starts, ...Array<number>(more).fill(now)].sort((a, b) => a - b);
  if (rate === 0 || starts.length === 0) return besides + rate * ended < amount ? Infinity : -Infinity;
  const time = (amount - besides) / rate - ended;
  let sum = starts.reduce((total, start) => total + start, 0);
  // From the longest time that could be to the shortest: those that started last may not have used up what they cost in any case.
  for (let counted = starts.length; counted > 0; counted--) {
    const last = starts[counted - 1] ?? 0;
    const until = (time - (starts.length - counted) * minimum + sum) / counted;
    if (until >= last + minimum) return until;
    sum -= last;
  }
  return Number.NEGATIVE_INFINITY;
}

/** How many more workers an amount pays for until `at`, beside those who live. */
export function moreUntil(bill: Bill, amount: number, at: number): number {
  const { now, rate, minimum } = bill;
  const left = amount - spentBy(bill, at);
  if (left <= 0) return 0;
  // An amount that was given for exactly so many pays for them, whatever sums of decimal fractions say.
  return rate === 0 ? Infinity : Math.floor(left / (rate * Math.max(at - now, minimum)) + 1e-9);
}
