import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own with little room. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** Takes all room that is left but for some bytes. */
  fill(bytesLeft: number): void;
  /** Gives that room back. */
  free(): void;
}

/** Mounts a file system in memory. @throws Error when this machine does not let us. */
export function mountSmallDisk(sizeInBytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "fleetquake-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeInBytes}`, "tmpfs", path], {
      stdio: "pipe",
    });
  } catch (error) {
    rmSync(path, { recursive: true });
    throw error;
  }
  const filler = join(path, "filler");
  return {
    path,
    fill: (bytesLeft) => {
      writeFileSync(filler, Buffer.alloc(sizeInBytes - bytesLeft));
    },
    free: () => {
      rmSync(filler);
    },
    [Symbol.dispose]: () => {
      // Lazily, as a process that was killed a moment ago may still hold a file.
      execFileSync("umount", ["--lazy", path], { stdio: "pipe" });
      rmSync(path, { recursive: true });
    },
  };
}
