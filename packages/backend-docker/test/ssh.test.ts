import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findEngine } from "../src/address.ts";
import { Engine } from "../src/engine.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "skyburst-ssh-"));
  vi.stubEnv("PATH", `${place}${delimiter}${process.env.PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true, force: true });
});

/** What is asked of an engine behind an ssh that is this script. */
function asked(script: string): Promise<unknown> {
  const ssh = join(place, "ssh");
  writeFileSync(ssh, `#!/bin/sh\n${script}\n`);
  chmodSync(ssh, 0o755);
  const engine = new Engine(findEngine({ host: "ssh://me@build" }, {}));
  return engine.ask((client) => client.version());
}

test("what ssh says is why there is no engine", async () => {
  const script = 'exec 1>&- 0<&-; echo "ssh: connect to host build port 22: Connection refused" >&2; exit 255';
  await expect(asked(script)).rejects.toThrow(
    "No Docker Engine answers at ssh://me@build (host): ssh: connect to host build port 22: Connection refused. Start one",
  );
});

test("an answer comes whole", async () => {
  const body = JSON.stringify({ Version: "20.10" });
  const head = `HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: ${body.length}\\r\\n\\r\\n`;
  expect(await asked(`read line; printf '${head}%s' '${body}'; cat > /dev/null`)).toEqual({ Version: "20.10" });
});
