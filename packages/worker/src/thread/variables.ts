/** Variables of the thread's own environment that the submission at hand has set, and what they were before. */
const replaced = new Map<string, string | undefined>();

/** Variables of the submission that the thread runs: what another one set before is as it was. */
export function useVariables(env: Readonly<Record<string, string>> | undefined): void {
  if (env === undefined && replaced.size === 0) return;
  for (const [name, before] of replaced) {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
  replaced.clear();
  for (const [name, value] of Object.entries(env ?? {})) {
    replaced.set(name, process.env[name]);
    process.env[name] = value;
  }
}
