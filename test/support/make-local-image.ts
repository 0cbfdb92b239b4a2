import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { DockerClient } from "./connect-docker.ts";

const SCRIPT = fileURLToPath(new URL("local-images.sh", import.meta.url));

/** What is in an image, and its name. */
interface MakeLocalImageOptions {
  readonly kind: "node" | "redis" | "probe";
  readonly tag: string;
}

/** Makes an image out of this machine's own programs, where no registry need be reached. @throws when it cannot. */
export async function makeLocalImage(
  { env }: DockerClient,
  { kind, tag }: MakeLocalImageOptions,
): Promise<void> {
  await promisify(execFile)("sh", [SCRIPT, kind, tag], { env });
}
