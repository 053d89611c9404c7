import { join } from "node:path";
import { installOnce } from "./cache.ts";
import { run } from "./run.ts";

/** What programs of arm64 Linux need here. */
export interface Arm64 {
  /** Runs them on other processors. */
  readonly qemu: string;
  /** Directory in which Debian's C and C++ libraries for arm64 lie as in an image. */
  readonly root: string;
}

/** From Debian's packages for amd64 and arm64, by an apt of its own: nothing of the system's is changed. */
export async function arm64(): Promise<Arm64> {
  const place = await installOnce("arm64-debian", install);
  return { qemu: join(place, "usr/bin/qemu-aarch64-static"), root: join(place, "root") };
}

/** As `unavailable` asks for it. */
export async function installArm64(): Promise<void> {
  await arm64();
}

const libraries = ["libc6", "libstdc++6", "libgcc-s1", "libatomic1"];

async function install(place: string): Promise<void> {
  const script = `
    set -e
    cd "$PLACE"
    mkdir -p apt/lists/partial apt/cache/archives/partial apt/state root
    : > apt/status
    cat > apt/config <<END
    APT::Architecture "amd64";
    APT::Architectures { "amd64"; "arm64"; };
    Dir::State "$PLACE/apt/state";
    Dir::State::lists "$PLACE/apt/lists";
    Dir::State::status "$PLACE/apt/status";
    Dir::Cache "$PLACE/apt/cache";
END
    apt-get update -qq
    apt-get download -qq qemu-user-static ${libraries.map((name) => `${name}:arm64`).join(" ")}
    dpkg-deb --fsys-tarfile qemu-user-static_*.deb | tar --extract ./usr/bin/qemu-aarch64-static
    for package in *_arm64.deb; do dpkg-deb --extract "$package" root; done
    rm -r apt *.deb
  `;
  await run("sh", ["-c", script], { PLACE: place, APT_CONFIG: join(place, "apt/config") });
}
