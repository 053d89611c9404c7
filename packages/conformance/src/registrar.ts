/**
 * Where a suite's tests are registered: `describe` and `test` of vitest, node:test or jest (`it` of mocha), as they are.
 *
 * Tests are independent of each other and may run at the same time. How long one may take is the runner's affair; on a
 * store or provider far away give it a minute.
 */
export interface Registrar {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: (name: string, body: () => Promise<void>) => unknown;
}
