import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, json } from "node:stream/consumers";
import type { Listed, Start, Started, Stop } from "./protocol.ts";
import { Workers } from "./workers.ts";

export interface AgentOptions {
  /** Who knows it can run anything here. */
  readonly secret: string;
  /** Most workers at a time. */
  readonly maxWorkers: number;
  /** Default: any that is free. */
  readonly port?: number;
  /** Default: this machine only. */
  readonly host?: string;
}

export interface Agent {
  readonly url: string;
  /** Ends its workers, too. */
  close(): Promise<void>;
}

/** Starts workers on the machine that it runs on, for whoever has the secret. */
export async function startAgent({ secret, maxWorkers, port = 0, host = "127.0.0.1" }: AgentOptions): Promise<Agent> {
  const workers = new Workers(maxWorkers);
  const programs = mkdtempSync(join(tmpdir(), "skyburst-agent-"));
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request, secret, () => handle(request, workers, programs));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await once(server.listen(port, host), "listening");
  const address = server.address();
  return {
    url: `http://${host}:${typeof address === "object" ? address?.port : port}`,
    async close() {
      workers.stopAll();
      server.closeAllConnections();
      await once(server.close(), "close");
      rmSync(programs, { recursive: true });
    },
  };
}

async function answer(
  request: IncomingMessage,
  secret: string,
  act: () => Promise<object | undefined>,
): Promise<readonly [status: number, body: object]> {
  if (request.headers.authorization !== `Bearer ${secret}`) return [401, {}];
  try {
    const body = await act();
    return body === undefined ? [404, {}] : [200, body];
  } catch (error) {
    return [500, { message: String(error) }];
  }
}

/** `undefined`: there is no such thing here. */
async function handle(request: IncomingMessage, workers: Workers, programs: string): Promise<object | undefined> {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://agent");
  const program = (sha256: string) => join(programs, `${sha256}.mjs`);
  switch (`${request.method} ${pathname}`) {
    case "POST /programs": {
      const bytes = await buffer(request);
      // By what it is, not by what it is said to be.
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      writeFileSync(program(sha256), bytes);
      return { sha256 };
    }
    case "POST /workers": {
      const start = (await json(request)) as Start;
      if (!/^[0-9a-f]{64}$/.test(start.sha256) || !existsSync(program(start.sha256))) return undefined;
      return { id: workers.start(start, program(start.sha256)) } satisfies Started;
    }
    case "GET /workers": {
      const { free, sessions } = workers;
      return { workers: workers.of(searchParams.get("session") ?? ""), free, sessions } satisfies Listed;
    }
    case "POST /stop":
      workers.stop((await json(request)) as Stop);
      return {};
    case "GET /logs":
      return { text: workers.logs(searchParams.get("worker") ?? "") };
    default:
      return undefined;
  }
}
