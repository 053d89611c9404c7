/** What an engine says of a layer, while it pulls an image. */
export interface PullEvent {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

/** Adds up what an engine says of the layers of one image. */
export class PullProgress {
  readonly #image: string;
  readonly #layers = new Map<string, Layer>();
  #told = "";

  constructor(image: string) {
    this.#image = image;
  }

  /** How far it is, in words; undefined: as told before, or nothing is known yet. */
  look({ id, status = "", progressDetail: { current = 0, total } = {} }: PullEvent): string | undefined {
    // The first line tells of the tag as if it were a layer.
    if (id === undefined || status.startsWith("Pulling from")) return undefined;
    const layer = this.#layers.get(id) ?? { step: "waiting", here: 0, size: undefined };
    if (status === "Downloading") this.#layers.set(id, { step: "coming", here: current, size: total ?? layer.size });
    else if (arrived.test(status)) this.#layers.set(id, { ...layer, step: "here", here: layer.size ?? 0 });
    else if (ready.test(status)) this.#layers.set(id, { ...layer, step: "ready", here: layer.size ?? 0 });
    else this.#layers.set(id, layer);
    const text = this.#words();
    if (text === undefined || text === this.#told) return undefined;
    this.#told = text;
    return text;
  }

  #words(): string | undefined {
    const layers = [...this.#layers.values()];
    const total = layers.reduce((sum, { size = 0 }) => sum + size, 0);
    if (total === 0) return undefined;
    const here = layers.reduce((sum, layer) => sum + layer.here, 0);
    const coming = layers.some(({ step }) => step === "coming" || step === "waiting");
    // Of a layer that waits for its turn nobody knows the size.
    const least = layers.some(({ step, size }) => step === "waiting" && size === undefined) ? "at least " : "";
    if (coming) return `pulling ${this.#image}: ${megabytes(here)} of ${least}${megabytes(total)} MB`;
    const left = layers.filter(({ step }) => step === "here").length;
    return left === 0 ? undefined : `pulling ${this.#image}: all ${megabytes(total)} MB are here, unpacking`;
  }
}

interface Layer {
  readonly step: "waiting" | "coming" | "here" | "ready";
  /** Bytes that have come. */
  readonly here: number;
  readonly size: number | undefined;
}

const arrived = /^(Verifying Checksum|Download complete|Extracting)/;
const ready = /^(Pull complete|Already exists)/;

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
