import type { Login } from "./credentials.ts";
import { hub, registryOf } from "./image-name.ts";
import type { RefusalReason } from "./spec.ts";

/** Why an image can't be pulled, and what to do about it, by what the engine says: it has words for it and no codes. */
export function pullRefusal(image: string, said: string, login: Login): RefusalReason {
  const cause = causes.find(({ words }) => words.test(said)) ?? other;
  const advice = cause.advice(registryOf(image), image, login);
  const reason = said.trim().replace(/[.\s]+$/, "");
  return {
    kind: cause.kind,
    message: `The image ${image} can't be pulled: ${cause.what(registryOf(image), image)} (${reason}). ${advice}`,
  };
}

interface Cause {
  readonly words: RegExp;
  readonly kind: RefusalReason["kind"];
  readonly what: (registry: string, image: string) => string;
  readonly advice: (registry: string, image: string, login: Login) => string;
}

/** The first that fits. What ends by itself, or may, is asked for again: it is `capacity` or `unavailable`. */
const causes: readonly Cause[] = [
  {
    words: /invalid reference format|unknown operating system/i,
    kind: "option",
    what: () => "its name, or the platform, can't be",
    advice: () => "Write it as `registry/name:tag`, and the platform as `linux/arm64`.",
  },
  {
    words: /no space left|disk quota exceeded/i,
    kind: "capacity",
    what: () => "the engine's disk is full",
    advice: () => "Make room there: `docker system prune` removes what nobody uses.",
  },
  {
    words: /toomanyrequests|too many requests|HTTP 429|rate limit/i,
    kind: "unavailable",
    what: (registry) => `the registry ${registry} gives no more for now`,
    advice: (registry) => `It gives more to who is known: ${logIn(registry)}.`,
  },
  {
    // A registry that hides what it has says the same of what is not there.
    words: /repository does not exist or may require/i,
    kind: "image",
    what: (registry) => `the registry ${registry} has no such image, or shows it to those only who may see it`,
    advice: (registry, _, login) => `Look whether its name is right; or ${proof(registry, login)}.`,
  },
  {
    words:
      /unauthorized|authentication required|no basic auth|denied|forbidden|authorization failed|incorrect username or password/i,
    kind: "permission",
    what: (registry) => `the registry ${registry} does not let us`,
    advice: (registry, _, login) => `${capitalized(proof(registry, login))}.`,
  },
  {
    words: /no matching manifest|does not match the specified platform/i,
    kind: "image",
    what: () => "there is none of that platform",
    advice: (_, image) => `Ask for a platform that it has: \`docker manifest inspect ${image}\` lists them.`,
  },
  {
    words: /manifest unknown|name unknown|not found/i,
    kind: "image",
    what: (registry) => `the registry ${registry} has no such image`,
    advice: () => "Look whether its name and its tag are right.",
  },
  {
    words: /server gave HTTP response to HTTPS client|x509|certificate|tls: (?!handshake timeout)/i,
    kind: "image",
    what: (registry) => `the engine does not trust the registry ${registry}`,
    advice: (registry) =>
      `Give the engine its certificate (/etc/docker/certs.d/${registry}/ca.crt), or name it in the engine's insecure-registries.`,
  },
  {
    words: /timeout|deadline exceeded|temporary failure|\bEOF\b|connection reset|50[0234] |context canceled/i,
    kind: "unavailable",
    what: (registry) => `the registry ${registry} did not answer to the end`,
    advice: () => "It is asked again; where it stays so, look at the engine's way to it.",
  },
  {
    words: /connection refused|no such host|no route to host|network is unreachable|server misbehaving/i,
    kind: "image",
    what: (registry) => `no registry answers at ${registry}`,
    advice: (registry, image) =>
      `Look whether ${registry === hub ? "the engine's machine reaches the Internet" : "it runs, and its address is right"}; or load the image there by hand (\`docker save ${image} | docker load\`).`,
  },
  {
    words: /verification failed|unknown blob|blob unknown|invalid checksum|unexpected end of|digest/i,
    kind: "image",
    what: (registry) => `what the registry ${registry} keeps of it is damaged`,
    advice: () => "Push it there once more, or take another version.",
  },
];

const other: Cause = {
  words: /^/,
  kind: "image",
  what: () => "the engine can't",
  advice: (_, image) => `Try it by hand (\`docker pull ${image}\`), or build it there.`,
};

/** What was said to the registry decides about what to do. */
function proof(registry: string, { credentials, trouble }: Login): string {
  if (trouble !== undefined) return `mend how you are known there: ${trouble.replace(/\.$/, "")}`;
  if (credentials === undefined) return logIn(registry);
  const who = credentials.username === undefined ? "a token" : credentials.username;
  return `log in as somebody who may (${loginCommand(registry)}), or mend docker({ registryAuth }): it was asked as ${who}`;
}

function logIn(registry: string): string {
  return `log in (${loginCommand(registry)}), or give docker({ registryAuth })`;
}

function loginCommand(registry: string): string {
  return registry === hub ? "`docker login`" : `\`docker login ${registry}\``;
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
