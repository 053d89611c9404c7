import { expect, test } from "vitest";
import { docker } from "../src/index.ts";
import type { DockerOptions } from "../src/index.ts";

test.each<[DockerOptions, string]>([
  [{ host: "tcp://a", context: "b" }, "docker({ host and context }): they are ways to one engine: give one of them."],
  [{ maxWorkers: 0 }, "docker({ maxWorkers: 0 }): give a whole number of at least 1, or leave it out."],
  [{ slots: 1.5 }, "docker({ slots: 1.5 }): give a whole number of at least 1, or leave it out."],
  [{ cpu: 0 }, "docker({ cpu: 0 }): give processors, as 2 or 0.5."],
  [{ memory: 1024 }, "docker({ memory: 1024 }): give bytes, at least 6291456 (6 MiB)."],
  [{ node: "apt" as "npm" }, 'docker({ node: "apt" }): give one of "image", "npm", "host", or leave it out.'],
  [
    { capabilities: "SYS_PTRACE" as never },
    'docker({ capabilities: "SYS_PTRACE" }): give an array of names, as ["SYS_PTRACE"], or leave it out.',
  ],
  [{ readOnlyRoot: "no" as never }, 'docker({ readOnlyRoot: "no" }): give true or false, or leave it out.'],
  [
    { mounts: [{ source: "data", target: "/data" }] },
    'docker({ mounts: [{"source":"data","target":"/data"}] }): give absolute paths.',
  ],
  [
    { registryAuth: { username: "me" } as never },
    "docker({ registryAuth }): give { username, password }, or leave it out.",
  ],
  [{ image: " " }, 'docker({ image: " " }): give a text, or leave it out.'],
])("%j is refused", (options, message) => {
  expect(() => docker(options)).toThrow(expect.objectContaining({ code: "option", message, retryable: false }));
});

test("a worker runs as many tasks at a time as it has whole processors", () => {
  expect(docker({ cpu: 2.5 }).capabilities.slots).toBe(2);
  expect(docker({ cpu: 0.5 }).capabilities.slots).toBe(1);
  expect(docker({}).capabilities.slots).toBe(1);
  expect(docker({ cpu: 2, slots: 8 }).capabilities.slots).toBe(8);
});

test("where no engine is, it says where it was looked for and how to start one", async () => {
  const backend = docker({ socketPath: "/nowhere/docker.sock" });
  await expect(backend.list("s")).rejects.toMatchObject({
    code: "option",
    retryable: false,
    message: expect.stringMatching(
      /^No Docker Engine answers at unix:\/\/\/nowhere\/docker\.sock \(socketPath\): .*DOCKER_HOST/,
    ),
  });
});
