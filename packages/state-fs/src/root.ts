import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, type Stats, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeDirectories } from "./directories.ts";
import { DirectoryStoreError, errno } from "./errors.ts";
import { checkKey, GITIGNORE, TEMPORARY } from "./key.ts";
import type { Settings } from "./options.ts";
import { sync } from "./sync.ts";
import { sweep } from "./temporary.ts";

/** The directory itself: where a key's file is, and that the directories around it are there. */
export class Root {
  readonly path: string;
  /** Whether acknowledged objects must survive a power cut. */
  readonly power: boolean;
  /** What this process made above the first object, or else the root: in power mode its name has to last too. */
  #top: string;
  #prepared = false;
  /** The root was found to be a directory. */
  #seen = false;
  /** The directory as it was first found, wherever it is since. */
  #held: number | undefined;
  readonly #known = new Set<string>();
  readonly #process = `${process.pid}-${randomBytes(6).toString("hex")}`;
  #count = 0;

  constructor({ path, durable }: Settings) {
    this.path = path;
    this.power = durable === "power";
    this.#top = path;
  }

  /** The file of a key. Throws for a key that breaks the rules. */
  pathOf(key: string): string {
    checkKey(key);
    return `${this.path}/${key}`;
  }

  /**
   * What is at a path; `undefined` when nothing is, also where a part of the path is an object and so has nothing below
   * it. A miss costs 1 µs here, as an exception 7 to 12. (existsSync is no faster, and calls a directory that this user
   * may not enter empty.)
   */
  look(path: string): Stats | undefined {
    try {
      const found = statSync(path, { throwIfNoEntry: false });
      // Node 24 tells no difference between nothing and a path that leads through a file.
      if (found === undefined && !this.#seen) this.#refuseFile();
      return found;
    } catch (error) {
      if (errno(error) === "ENOTDIR" && statSync(this.path).isDirectory()) return undefined;
      throw error;
    }
  }

  /**
   * The same for who takes nothing for an answer: while the root is away, nobody knows what is there.
   *
   * @throws {DirectoryStoreError} `unavailable`
   */
  find(path: string): Stats | undefined {
    const found = this.look(path);
    if (found === undefined) this.assertThere();
    else this.#hold();
    return found;
  }

  /**
   * A directory that was moved away, or whose disk was, may come back, and what is written in its place meanwhile would be lost. One
   * that was deleted begins anew.
   *
   * @throws {DirectoryStoreError} `unavailable` unless the root is the directory that this process has seen there.
   */
  assertThere(): void {
    if (this.#held === undefined) return;
    const held = fstatSync(this.#held);
    const found = statSync(this.path, { throwIfNoEntry: false });
    if (found && found.ino === held.ino && found.dev === held.dev) return;
    if (held.nlink > 0)
      throw new DirectoryStoreError(
        "unavailable",
        `The store directory ${this.path} is elsewhere now, or another stands in its place: bring it back, or name it where it is.`,
      );
    this.close();
  }

  /** Holds nothing open any more. Idempotent. */
  close(): void {
    if (this.#held === undefined) return;
    const held = this.#held;
    this.#held = undefined;
    closeSync(held);
  }

  #hold(): void {
    this.#held ??= openSync(this.path, "r");
  }

  /** Throws when the root is a file, or leads through one. */
  #refuseFile(): void {
    for (let at = this.path; ; at = dirname(at)) {
      const found = statSync(at, { throwIfNoEntry: false });
      if (found === undefined && dirname(at) !== at) continue;
      if (found && !found.isDirectory())
        throw new DirectoryStoreError(
          "not-found",
          `There can be no store directory ${this.path}: ${at} is a file; remove it, or name another directory.`,
        );
      this.#seen = at === this.path;
      return;
    }
  }

  /** A name for a file that no listing shows, never given twice. */
  temporary(): string {
    this.#count += 1;
    return `${this.path}/${TEMPORARY}/${this.#process}-${this.#count}`;
  }

  /**
   * Runs `act` with the root in place. Directories are remembered, not looked for; when one turns out to be missing
   * (pruned by a delete, or removed by hand) everything is forgotten and done again.
   */
  retried<T>(act: () => T): T {
    for (let left = RETRIES; ; left -= 1) {
      try {
        this.#prepare();
        return act();
      } catch (error) {
        if (errno(error) !== "ENOENT" || left === 0) throw error;
        this.#prepared = false;
        this.#known.clear();
      }
    }
  }

  /** Makes the directory of a key's file. */
  makeParent(key: string): void {
    const directory = key.slice(0, Math.max(0, key.lastIndexOf("/")));
    if (this.#known.has(directory)) return;
    this.assertThere();
    this.#make(join(this.path, directory), key);
    // Sessions have a directory per task that writes logs; what is forgotten costs one mkdir call, 10 µs.
    if (this.#known.size >= KNOWN) this.#known.clear();
    this.#known.add(directory);
  }

  #make(directory: string, key: string): void {
    try {
      makeDirectories(directory);
    } catch (error) {
      const code = errno(error);
      if (code !== "ENOTDIR" && code !== "EEXIST") throw error;
      throw nested(key, this.path, error);
    }
    if (this.power) this.#sync(directory);
  }

  /** Another process may have made these directories and died before its own fsync, so all of them, once per process. */
  #sync(directory: string): void {
    const last = dirname(this.#top);
    for (let at = dirname(directory); at.length >= last.length; at = dirname(at)) {
      sync(at);
      if (at === last) return;
    }
  }

  #prepare(): void {
    if (this.#prepared) return;
    this.assertThere();
    const made = makeDirectories(this.path);
    makeDirectories(`${this.path}/${TEMPORARY}`);
    if (made !== undefined) {
      this.#top = made;
      ignore(`${this.path}/${GITIGNORE}`);
    }
    this.#hold();
    this.#prepared = true;
    sweep(`${this.path}/${TEMPORARY}`);
  }
}

/** The error for a key that has another key as its parent, or is one. */
export function nested(key: string, root: string, cause?: unknown): DirectoryStoreError {
  return new DirectoryStoreError(
    "invalid-key",
    `The key ${JSON.stringify(key)} is the parent of another key in ${root}, or has one as its parent.`,
    { cause },
  );
}

/** A store inside a working copy must not end up in a commit. */
function ignore(path: string): void {
  try {
    writeFileSync(path, "*\n", { flag: "wx" });
  } catch (error) {
    if (errno(error) !== "EEXIST") throw error;
  }
}

const RETRIES = 20;
const KNOWN = 4096;
