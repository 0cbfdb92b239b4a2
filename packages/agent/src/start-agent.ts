import { systemClock } from "@fleetquake/contract/plain";
import type { Agent } from "./agent.ts";
import { agentIdentity } from "./agent-identity.ts";
import { agentSettings, type AgentSettings } from "./agent-settings.ts";
import { installRedisBlock } from "./block/install-redis-block.ts";
import { RedisBlockCell } from "./block/redis-block-cell.ts";
import { configuredEndpoints } from "./configured-endpoints.ts";
import { readIdentityEnvironment } from "./load-agent-config.ts";
import { createConnectionSet } from "./sockets/connection-set.ts";
import { SocketLedger } from "./sockets/socket-ledger.ts";
import { trackProcessSockets } from "./sockets/track-process-sockets.ts";
import type { StartAgentOptions } from "./start-agent-options.ts";
import { RemoteRedisControl } from "./thread/remote-redis-control.ts";
import { ThreadedAgent } from "./threaded-agent.ts";

/** One agent per process, also when several copies of this package are loaded: two would answer every command twice. */
const RUNNING = Symbol.for("fleetquake.agent");

/** The part of the global object that concerns us. */
interface AgentSlot {
  readonly process: NodeJS.Process;
  [RUNNING]?: Agent;
}

/**
 * Makes this process a replica of the fleet: from now on every Redis connection that it opens, with whatever client
 * library, is counted, and closed when the fleet is reset. Those that are open already are adopted where they can be.
 *
 * Resolves at once, also when the bus is down: connecting goes on by itself, and nothing that the agent does keeps the
 * process alive or ends it. A second call, for example after the preload, returns the agent that is running; its
 * options are ignored, and that is logged.
 *
 * @throws {TypeError} naming every option that is wrong.
 */
export async function startAgent(options: StartAgentOptions): Promise<Agent> {
  const slot: AgentSlot = globalThis;
  const settings = agentSettings(options);
  const running = slot[RUNNING];
  if (running !== undefined) {
    settings.log.warn("agent-already-started", { replica_id: running.replicaId });
    return running;
  }
  const agent = createAgent(settings, () => delete slot[RUNNING]);
  slot[RUNNING] = agent;
  return await Promise.resolve(agent);
}

function createAgent(settings: AgentSettings, onStopped: () => void): Agent {
  const ledger = new SocketLedger();
  const endpoints = configuredEndpoints(settings.redis);
  const control = new RemoteRedisControl({
    clock: systemClock,
    send: (callId, call) => agent.thread.post({ type: "control-call", callId, call }),
  });
  const connections = createConnectionSet({
    ledger,
    control: settings.redis === null ? null : control,
    clock: systemClock,
    configuredEndpoints: endpoints,
    enabled: settings.usesRedis,
  });
  const { replicaId, hostReplicaName } = readIdentityEnvironment(process.env);
  const ownId = settings.replicaId ?? replicaId;
  const block = new RedisBlockCell({ clock: systemClock });
  const stopTracking = settings.usesRedis ? trackProcess(ledger, block) : () => undefined;
  const agent = new ThreadedAgent({
    identity: agentIdentity({
      role: settings.role,
      labels: settings.labels,
      allow: settings.allow,
      ...(ownId === undefined ? {} : { replicaId: ownId }),
      ...(hostReplicaName === undefined ? {} : { hostReplicaName }),
    }),
    settings,
    connections,
    control,
    block: block.shared,
    onStopped: () => {
      stopTracking();
      onStopped();
    },
  });
  return agent;
}

/** From now on sockets come into the ledger, and new ones meet the block that stands. @returns ends both. */
function trackProcess(ledger: SocketLedger, cell: RedisBlockCell): () => void {
  const tracking = trackProcessSockets(ledger);
  const block = installRedisBlock({ cell, endpoints: ledger.endpoints });
  return () => {
    block[Symbol.dispose]();
    tracking[Symbol.dispose]();
  };
}
