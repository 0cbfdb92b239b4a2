import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a file or folder of this repository. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The text of a file of this repository. */
export function repositoryFile(path: string): string {
  return readFileSync(repositoryPath(path), "utf8");
}
