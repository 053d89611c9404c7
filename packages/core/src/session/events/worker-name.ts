/**
 * How events name a worker: `<launch>.<slot>.<life>`, without the zeros that some keys have and the random part that others have. Of
 * who is no worker, as a client, the name as it is.
 */
export function workerName(name: string): string {
  const numbers = pattern.exec(name);
  if (!numbers) return name;
  const [, ...parts] = numbers;
  return parts
    .filter((part) => part !== undefined)
    .map(Number)
    .join(".");
}

export function isWorker(name: string): boolean {
  return pattern.test(name);
}

const pattern = /^(\d+)\.(\d+)(?:\.(\d+))?/;
