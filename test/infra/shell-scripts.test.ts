import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findProgram } from "../support/find-program.ts";
import { repositoryFile, repositoryPath } from "../support/repository.ts";
import { runProgram } from "../support/run-program.ts";

const scripts = [
  ".ci/run",
  ...readdirSync(repositoryPath("infra/scripts"))
    .filter((name) => name.endsWith(".sh"))
    .map((name) => `infra/scripts/${name}`),
];
/** Sourced by others, which set how they end. */
const SOURCED = "infra/scripts/block-rules.sh";
const shellcheck = findProgram("shellcheck");

describe("the shell scripts", () => {
  it("pass shellcheck", async ({ skip }) => {
    if (shellcheck === null) {
      skip("no shellcheck on the PATH: apt-get install shellcheck");
      return;
    }
    expect(scripts.length).toBeGreaterThan(4);
    const result = await runProgram(shellcheck, ["-x", ...scripts], { cwd: repositoryPath("") });
    expect(result.stdout).toBe("");
    expect(result.code).toBe(0);
  });

  it.each(scripts.filter((script) => script !== SOURCED && script !== ".ci/run"))(
    "%s explains itself",
    async (script) => {
      const result = await runProgram(repositoryPath(script), ["--help"]);
      expect(result).toMatchObject({ code: 0, stderr: "" });
      expect(result.stdout).toContain(`usage: ${script.replace("infra/scripts/", "")}`);
    },
  );

  it.each(scripts.filter((script) => script !== SOURCED))(
    "%s ends at the first failure",
    (script) => {
      expect(repositoryFile(script)).toMatch(/^set -e?uo pipefail$/m);
    },
  );
});
