import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { keyVariable } from "./cli-options.ts";

/**
 * The shared access key, from a file that only its owner can read, made if it is not there, or else
 * from the environment. Undefined when it cannot be had; `problems` then says why.
 */
export function readKey(
  file: string | undefined,
  environmentKey: string | undefined,
  problems: string[],
): string | undefined {
  if (file === undefined) {
    if (environmentKey === undefined || environmentKey === "") {
      problems.push(
        `Set ${keyVariable} to the key that clients are to use, or give --key-file FILE, which makes one.`,
      );
      return undefined;
    }
    return environmentKey;
  }
  try {
    return existsSync(file) ? readKeyFile(file, problems) : makeKeyFile(file);
  } catch (error) {
    problems.push(`--key-file: '${file}' cannot be read or made (${codeOf(error)}).`);
    return undefined;
  }
}

function readKeyFile(file: string, problems: string[]): string | undefined {
  const key = readFileSync(file, "utf8").trim();
  if (key === "" || /[;\s]/u.test(key)) {
    problems.push(`--key-file: '${file}' must hold one key, without spaces and semicolons.`);
    return undefined;
  }
  return key;
}

function makeKeyFile(file: string): string {
  const key = randomBytes(32).toString("base64");
  writeFileSync(file, `${key}\n`, { mode: 0o600, flag: "wx" });
  return key;
}

/** The code of a file system error, such as ENOENT. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
