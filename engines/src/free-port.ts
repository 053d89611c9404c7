import { once } from "node:events";
import { createServer } from "node:net";

/** A TCP port of this machine on which nobody listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("A port was given out without a number.");
  return address.port;
}
