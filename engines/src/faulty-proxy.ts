import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { freePort } from "./free-port.ts";

/** What happens to one request on its way. */
export type Fault =
  /** The connection breaks before the server has heard anything. */
  | "reset"
  /** The server does it and answers, and the answer never arrives. */
  | "lost"
  /** Somebody in between answers instead, as S3 does with a code. */
  | { readonly status: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  /** It takes so many milliseconds longer. */
  | { readonly delay: number }
  /** The connection breaks, and only so much later the server hears of it. */
  | { readonly late: number };

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** How many requests came before. */
  readonly count: number;
}

export interface FaultyProxy {
  readonly endpoint: string;
  /** Decides about each request; `undefined` lets it pass. */
  rule: (request: ProxiedRequest) => Fault | undefined;
  /** What was asked for since the start. */
  readonly seen: ProxiedRequest[];
  stop(): Promise<void>;
}

/** Stands before an HTTP server on this machine, and does to requests what a network does. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const server = createServer();
  const port = await freePort();
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    rule: () => undefined,
    seen: [],
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };

  const forward = async (incoming: IncomingMessage, body: Buffer): Promise<[IncomingMessage, Buffer]> => {
    const { method, url: path, headers } = incoming;
    const outgoing = request({ hostname, port: targetPort, method, path, headers });
    outgoing.end(body);
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
    return [answer, await whole(answer)];
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const seen = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      count: proxy.seen.length,
    };
    proxy.seen.push(seen);
    const fault = proxy.rule(seen);
    if (fault === "reset") return void incoming.socket.resetAndDestroy();
    const body = await whole(incoming);
    if (typeof fault === "object" && "status" in fault) return refuse(outgoing, fault);
    if (typeof fault === "object" && "delay" in fault) await setTimeout(fault.delay);
    if (typeof fault === "object" && "late" in fault) {
      incoming.socket.resetAndDestroy();
      await setTimeout(fault.late);
    }
    const [answer, content] = await forward(incoming, body);
    if (fault === "lost") return void incoming.socket.resetAndDestroy();
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(content);
  };

  server.on("request", (incoming, outgoing) => {
    // A server that is down breaks the connection here too.
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return proxy;
}

function refuse(
  outgoing: ServerResponse,
  { status, code, headers }: { status: number; code: string; headers?: Readonly<Record<string, string>> },
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}, says the proxy.</Message></Error>`;
  outgoing.writeHead(status, { "content-type": "application/xml", ...headers }).end(body);
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
