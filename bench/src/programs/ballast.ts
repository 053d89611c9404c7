/** Loaded before a program by NODE_OPTIONS: gives a worker a gigabyte of memory that is really there, and nobody else. */
const isWorker = process.argv.some((argument) => argument.startsWith("--skyburst-worker="));
export const ballast = isWorker ? Buffer.alloc(2 ** 30, 1) : undefined;
