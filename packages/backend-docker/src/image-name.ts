/** Registry of an image, as in its name: the part before the first slash, if it can be a host. */
export function registryOf(image: string): string {
  const [first = ""] = image.split("/", 1);
  const named = image.includes("/") && /[.:]|^localhost$/.test(first);
  return named && first !== "index.docker.io" ? first : hub;
}

/** What names that say no other registry mean. */
export const hub = "docker.io";

/** `name` alone is `name:latest`: an engine that is asked to pull a name without a tag pulls all of its tags. */
export function withTag(image: string): string {
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}
