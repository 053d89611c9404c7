/** Jobs in the order in which they run: what needs least first. By themselves, since every call of the command reads them. */
export const jobNames = [
  "hello",
  "failure",
  "mixed",
  "logs",
  "parallel",
  "cpu",
  "memory",
  "data",
  "build",
  "ml",
  "gpu",
  "lost",
  "long",
] as const;

export type JobName = (typeof jobNames)[number];
