import { readFileSync } from "node:fs";

/**
 * Compares this Node with `engines` in package.json. Written for old versions of Node too: they must get as far as the
 * message.
 *
 * @returns {string | null} what is wrong and what would be right; null when the version will do.
 */
export function checkNodeVersion() {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const wanted = JSON.parse(text).engines.node.replace(">=", "");
  const [major, minor] = wanted.split(".").map(Number);
  const [haveMajor, haveMinor] = process.versions.node.split(".").map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) {
    return null;
  }
  return `needs Node ${wanted} or newer (22 or 24 advised), this is ${process.version} at ${process.execPath}`;
}
