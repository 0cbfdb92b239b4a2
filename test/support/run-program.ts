import { execFile } from "node:child_process";

/** How a program ended, and what it said. */
export interface ProgramResult {
  /** null: ended by a signal, also by the deadline's. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, 60 seconds at most; its exit code is data. */
export function runProgram(
  program: string,
  parameters: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...options.env };
    const settings = {
      env,
      timeout: 60_000,
      maxBuffer: 2 ** 24,
      ...(options.cwd && { cwd: options.cwd }),
    };
    const child = execFile(program, parameters, settings, (error, stdout, stderr) => {
      const failure = error === null || child.exitCode !== null ? "" : error.message;
      resolve({ code: child.exitCode, stdout, stderr: stderr + failure });
    });
  });
}
