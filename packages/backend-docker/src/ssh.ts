import { spawn } from "node:child_process";
import { Duplex, PassThrough } from "node:stream";

/**
 * A connection to an engine by ssh, as the docker command makes it: the user's own `ssh`, with its keys, agent and configuration, runs
 * `docker system dial-stdio` there.
 */
export function sshConnection({ target, port }: { readonly target: string; readonly port?: string }): Duplex {
  const options = ["-o", "ConnectTimeout=20", "-o", "BatchMode=yes", ...(port === undefined ? [] : ["-p", port])];
  const ssh = spawn("ssh", [...options, "--", target, "docker", "system", "dial-stdio"], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const [questions, answers] = [new PassThrough(), new PassThrough()];
  // Why it ends it says at its end: who heard of closed pipes first would know no reason.
  ssh.stdout.pipe(answers, { end: false });
  questions.pipe(ssh.stdin).on("error", ignore);
  const connection = Duplex.from({ readable: answers, writable: questions });
  let said = "";
  ssh.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
  const fail = (why: string) => connection.destroy(Object.assign(new Error(why), { code: "ESSH" }));
  ssh.on("error", (error) => fail(`ssh can't be run: ${error.message}`));
  ssh.on("close", (code) => {
    if (code === 0) answers.end();
    else fail(said.trim() || `ssh ended with ${code}`);
  });
  connection.on("close", () => ssh.kill());
  return Object.assign(connection, {
    setKeepAlive: ignore,
    setNoDelay: ignore,
    setTimeout: ignore,
    ref: ignore,
    unref: ignore,
  });
}

/** What HTTP asks of a socket, and a pipe does not have; and what the end of a process tells better. */
function ignore(): void {
  // Nothing follows from it.
}
