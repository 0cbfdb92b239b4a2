import { runTool } from "../process/run-tool.ts";

const TIMEOUT_IN_MS = 5_000;

/** The version that `redis-server --version` (or valkey-server) states. */
export async function readServerVersion(
  path: string,
): Promise<{ readonly version: string } | { readonly problem: string }> {
  const { output, failure } = await runTool(path, ["--version"], { timeoutInMs: TIMEOUT_IN_MS });
  const version = /\bv=(\d+(?:\.\d+)*)/.exec(output)?.[1];
  if (failure === null && version !== undefined) {
    return { version };
  }
  return { problem: failure ?? `it answers --version with ${JSON.stringify(output.slice(0, 80))}` };
}
