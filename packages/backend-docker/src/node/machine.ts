/** A kind of processor for which Node.js can be had. */
export interface Machine {
  /** As container platforms name it. */
  readonly platform: string;
  /** As Node.js names it. */
  readonly arch: string;
  /** As ELF numbers it. */
  readonly elf: number;
  /** Where Debian has its libraries. */
  readonly folder: string;
}

const machines: readonly Machine[] = [
  { platform: "linux/amd64", arch: "x64", elf: 0x3e, folder: "x86_64-linux-gnu" },
  { platform: "linux/arm64", arch: "arm64", elf: 0xb7, folder: "aarch64-linux-gnu" },
];

/** What workers of a platform, as `linux/arm64/v8`, run on. undefined: they can't run there. */
export function machineOf(platform: string): Machine | undefined {
  return machines.find((machine) => platform === machine.platform || platform.startsWith(`${machine.platform}/`));
}

/** As a message names them. */
export const platforms = machines.map(({ platform }) => platform).join(" and ");
