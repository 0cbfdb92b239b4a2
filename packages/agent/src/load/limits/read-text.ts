import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of a file of the machine by its absolute path; null when it cannot be read. */
export type ReadText = (path: string) => string | null;

/** Reads files below a root folder, which is "/" outside of tests. */
export function readTextBelow(root: string): ReadText {
  return (path) => {
    try {
      return readFileSync(join(root, path), "utf8");
    } catch {
      // Not there, not allowed, or a system without /proc: what it says is unknown, which is an answer here.
      return null;
    }
  };
}
