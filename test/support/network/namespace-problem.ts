import { spawnSync } from "node:child_process";

/** Why this machine lets no test run a Redis in a network namespace with a filter of its own; null where it does. */
export function namespaceProblem(): string | null {
  const name = `fq-probe-${process.pid}`;
  const commands = [
    ["redis-server", "--version"],
    ["ip", "netns", "add", name],
    ["ip", "netns", "exec", name, "nft", "add", "table", "inet", "probe"],
  ];
  try {
    for (const [program = "", ...parameters] of commands) {
      const { status, error, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
      if (status !== 0) {
        return `${program} ${parameters.join(" ")}: ${error?.message ?? stderr.trim()}`;
      }
    }
    return null;
  } finally {
    spawnSync("ip", ["netns", "delete", name]);
  }
}
