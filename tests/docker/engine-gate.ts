import { createConnection, createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "node:path";
import type { Stage } from "./stage.ts";

export interface EngineGate {
  /** As `DOCKER_HOST`. */
  readonly host: string;
  /** Resolves when the request has come. */
  readonly reached: Promise<void>;
  close(): void;
}

/** A way to the engine on which requests pass, but those of which this matches the first line: they never arrive. */
export async function gateBefore(stage: Stage, request: RegExp): Promise<EngineGate> {
  const path = join(stage.directory, "gate.sock");
  let reach: () => void;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const server: Server = createServer((client) => {
    const engine = createConnection(stage.engine.socketPath);
    client.on("data", (bytes: Buffer) => {
      if (request.test(bytes.toString("latin1"))) reach();
      else engine.write(bytes);
    });
    engine.pipe(client);
    client.on("end", () => engine.end());
    for (const [one, other] of [
      [client, engine],
      [engine, client],
    ] as const)
      one.on("error", () => other.destroy()).on("close", () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { host: `unix://${path}`, reached, close: () => server.close() };
}
