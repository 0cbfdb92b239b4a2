import type { Agent, StartAgentOptions } from "@fleetquake/agent";
import type { Log } from "@fleetquake/contract";
import { ReplicaEvents, startInsights, type Telemetry } from "@fleetquake/telemetry";
import type { ApiConfig } from "../config/load-config.ts";

const ROLE = "fleetquake-api";

/** An agent whose reports are told, and where everything else of this API is told, too. */
export interface AgentWithTelemetry {
  readonly agent: Agent;
  readonly telemetry: Telemetry;
}

/**
 * Starts the API's own agent, first of all, and then what tells of it: loading that takes a second, and the agent sees
 * only sockets that are opened after it.
 */
export async function startWithTelemetry(
  config: ApiConfig,
  options: {
    readonly log: Log;
    readonly environment: NodeJS.ProcessEnv;
    readonly startAgent: (options: Pick<StartAgentOptions, "onReport">) => Promise<Agent>;
  },
): Promise<AgentWithTelemetry> {
  const { insightsConnectionString: connectionString } = config;
  const told: { events: ReplicaEvents | null } = { events: null };
  const agent = await options.startAgent(
    connectionString === null ? {} : { onReport: (report) => told.events?.onReport(report) },
  );
  const telemetry = await startInsights({
    connectionString: connectionString?.reveal() ?? null,
    samplingRate: config.samplingRate,
    role: ROLE,
    instance: agent.replicaId,
    environment: options.environment,
    log: options.log,
  });
  told.events = new ReplicaEvents(telemetry);
  return { agent, telemetry };
}
