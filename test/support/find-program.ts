import { existsSync } from "node:fs";
import { join } from "node:path";

/** The path of a program on the PATH; null where there is none. */
export function findProgram(name: string): string | null {
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}
