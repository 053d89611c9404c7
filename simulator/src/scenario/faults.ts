/** How often what goes wrong; probabilities per operation, or moments in a simulation. */
export interface Faults {
  /** Operations refused before they took effect. */
  readonly refused: number;
  /** Operations whose answer never comes: without effect, with it, or with it long after. */
  readonly lostRequests: number;
  readonly lostAnswers: number;
  readonly lateLandings: number;
  /** Operations that take a hundred times longer. */
  readonly slow: number;
  /** Crash of the process that sends an operation. */
  readonly crashes: number;
  /** Freeze of the process that sends an operation, for longer than the TTL. */
  readonly freezes: number;
  /** Whole outages of the store: how many. */
  readonly outages: number;
  /** Moments at which the store's clock jumps. */
  readonly clockJumps: number;
  /** Launched workers that are refused, twice there, dead at once, or reported as gone though they live. */
  readonly refusals: number;
  readonly duplicates: number;
  readonly stillborn: number;
  readonly falseExits: number;
  /** Ended workers that the provider no longer lists. */
  readonly forgotten: number;
  /** Calls of the backend that fail, before or after they took effect. */
  readonly backend: number;
  /** Submitters killed while an entry of theirs is on its way, which lands when another one may have taken their place. */
  readonly entryDeaths: number;
  /** Callers of a launch that die of it: before it took effect, or before they hear of it. */
  readonly launchDeaths: number;
  /** Launched workers that take up to minutes to boot; how long the provider doesn't list a new one, in milliseconds. */
  readonly lateBoots: number;
  readonly listLag: number;
  /** Launched workers that never start, and of which nothing is heard; until this moment, all of them. */
  readonly silent: number;
  readonly awakes: number;
  /** Moments at which every second worker gets a notice. */
  readonly storms: number;
  /** Workers that get a notice and are gone soon after; workers killed from outside. */
  readonly spot: number;
  readonly kills: number;
  /** Milliseconds after which nothing more goes wrong. */
  readonly until: number;
}
