/** What a worker process has done since it started, as its words tell. Seconds are those of slots: two slots have two in each. */
export interface Work {
  /** Attempts that ran, to their end or not. */
  readonly attempts: number;
  /** For which slots ran tasks. */
  readonly seconds: number;
  /** Of these, for attempts that failed and are followed by another, and for what was given back before it was committed. */
  readonly wasted: { readonly retried: number; readonly returned: number };
}
