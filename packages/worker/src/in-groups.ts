/**
 * Reads items some at a time, for who asks for them one after the other and may stop at any of them: each alone would be a
 * round trip. Asked for one, it reads those behind it as well.
 */
export class InGroups<Item, Value> {
  readonly #items: readonly Item[];
  readonly #size: number;
  readonly #read: (item: Item) => Promise<Value>;
  #group: ReadonlyMap<Item, Promise<Value>> = new Map();

  constructor(items: readonly Item[], size: number, read: (item: Item) => Promise<Value>) {
    this.#items = items;
    this.#size = size;
    this.#read = read;
  }

  get(item: Item): Promise<Value> {
    const known = this.#group.get(item);
    if (known) return known;
    const from = Math.max(0, this.#items.indexOf(item));
    this.#group = new Map(this.#items.slice(from, from + this.#size).map((each) => [each, this.#begin(each)]));
    return this.#group.get(item) ?? this.#read(item);
  }

  #begin(item: Item): Promise<Value> {
    const value = this.#read(item);
    // Whoever asks for it is told; perhaps nobody does.
    value.catch(ignore);
    return value;
  }
}

function ignore(): void {
  // Told to who asks.
}
