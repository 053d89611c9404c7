import type { AnyNode } from "acorn";
import type { Closure } from "./read.ts";

/**
 * Names that tools put into a function's compiled text, defined by the tool in the user's module. They aren't the user's, so the
 * program defines them again: `__name` keeps function names (esbuild, tsx); `__using` and `__callDispose` are `using`, where the
 * compile target lacks it.
 */
const HELPERS: Readonly<Record<string, string>> = {
  __name: `function __name(target, value) { return Object.defineProperty(target, "name", { value, configurable: true }); }`,
  __using: `function __using(stack, value, wait) {
  const dispose = value == null ? undefined : ((wait && value[Symbol.asyncDispose]) || value[Symbol.dispose]);
  if (value != null && typeof dispose !== "function") throw new TypeError("The value of a using declaration can't be disposed");
  stack.push({ value, dispose, wait });
  return value;
}`,
  __callDispose: `function __callDispose(stack, error, failed) {
  const fail = (next) => {
    error = failed ? Object.assign(new Error("An error was suppressed while disposing", { cause: next }), { name: "SuppressedError", error: next, suppressed: error }) : next;
    failed = true;
  };
  const disposeNext = () => {
    while (stack.length > 0) {
      const { value, dispose, wait } = stack.pop();
      try {
        const done = dispose?.call(value);
        if (wait) return Promise.resolve(done).catch(fail).then(disposeNext);
      } catch (next) {
        fail(next);
      }
    }
    if (failed) throw error;
  };
  return disposeNext();
}`,
};

/** Istanbul's counter function, one a file: `cov_1a2b3c().s[4]++`. */
const COVERAGE = /^cov_[0-9a-z]+$/i;
const COUNTERS = new Set(["s", "f", "b", "bT"]);

/** Whether the last of `ancestors`, an identifier called `name`, is a tool's and not the user's. */
export function isHelper(name: string, ancestors: readonly AnyNode[]): boolean {
  if (Object.hasOwn(HELPERS, name)) return true;
  const [member, call] = [ancestors.at(-3), ancestors.at(-2)];
  // The user may have a `cov_matrix`: only the exact shape is a counter.
  return (
    COVERAGE.test(name) &&
    call?.type === "CallExpression" &&
    call.arguments.length === 0 &&
    member?.type === "MemberExpression" &&
    member.property.type === "Identifier" &&
    COUNTERS.has(member.property.name)
  );
}

/** The definitions of the helpers that a closure uses. One that it declares itself shadows ours. */
export function definitions({ nodes }: Closure): string[] {
  const used = new Map<string, string>();
  for (const { node, ancestors } of nodes) {
    if (node.type === "Identifier" && isHelper(node.name, ancestors)) {
      used.set(node.name, HELPERS[node.name] ?? counter(node.name));
    }
  }
  return [...used.values()];
}

/** Counts into the void: only the arrays of branch counters must exist. */
function counter(name: string): string {
  const branches = "new Proxy({}, { get: () => [] })";
  return `const ${name} = ((counters) => () => counters)({ s: {}, f: {}, b: ${branches}, bT: ${branches} });`;
}
