import { execFile } from "node:child_process";

export interface RunToolOptions {
  readonly cwd?: string;
  readonly timeoutInMs: number;
}

/** What a command-line tool answered; `failure` is null when it ended with 0. */
export interface ToolResult {
  readonly output: string;
  readonly failure: string | null;
}

/** Runs a tool to its end and keeps its output; a tool that is missing, fails or hangs is a result, not an error. */
export function runTool(
  program: string,
  parameters: readonly string[],
  options: RunToolOptions,
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      parameters,
      {
        timeout: options.timeoutInMs,
        killSignal: "SIGKILL",
        ...(options.cwd && { cwd: options.cwd }),
      },
      (error, stdout, stderr) => {
        process.off("exit", killWithUs);
        const complaint = stderr
          .trim()
          .split("\n")
          .findLast((line) => line !== "");
        const failure = error === null ? null : complaint || error.message;
        resolve({ output: `${stdout}${stderr}`, failure });
      },
    );
    // Ctrl-C in the middle of a download must not leave it behind.
    const killWithUs = (): void => {
      child.kill("SIGKILL");
    };
    process.once("exit", killWithUs);
  });
}
