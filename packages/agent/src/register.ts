/**
 * Preload: `node --import @fleetquake/agent/register app.js`, configured by the environment.
 * A configuration that is wrong never ends its host: one line on stderr says what is wrong, and the agent stays out.
 */
import { isMainThread } from "node:worker_threads";
import { loadAgentConfig } from "./load-agent-config.ts";
import { startAgent } from "./start-agent.ts";

// The application's own worker threads inherit --import; they are part of this process's replica.
if (isMainThread) {
  const config = loadAgentConfig(process.env);
  if (config.ok) {
    await startAgent(config.options).catch((error: unknown) => stayOut([String(error)]));
  } else {
    stayOut(config.mistakes);
  }
}

function stayOut(mistakes: readonly string[]): void {
  process.stderr.write(
    `fleetquake: this process is not part of the fleet: ${mistakes.join("; ")}\n`,
  );
}
