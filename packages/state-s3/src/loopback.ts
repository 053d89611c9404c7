/**
 * Where a service is for this process. An address of the loopback means the client's machine, and in a container that is another one:
 * `SKYBURST_LOOPBACK` is its name there, set by who started the container.
 */
export function endpointFromHere(endpoint: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const name = env.SKYBURST_LOOPBACK;
  if (!name || endpoint === undefined) return endpoint;
  const url = new URL(endpoint);
  if (!isLoopback(url.hostname)) return endpoint;
  url.hostname = name;
  return url.href.replace(/\/$/, "");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || /^127(\.\d+){3}$/.test(host) || host === "[::1]";
}
