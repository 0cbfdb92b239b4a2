import { spawn } from "node:child_process";
import { ROOT } from "./prepare.mjs";

/**
 * Runs a TypeScript file of the repository, with its arguments, against the built packages.
 * Resolves to its exit code, or to the signal that ended it.
 */
export async function runTypescript(parameters, path) {
  const child = spawn(process.execPath, ["--import", "tsx", ...parameters], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
}
