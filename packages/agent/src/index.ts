export { type Agent, type AgentState, type ReadyOptions } from "./agent.ts";
export { type ControlCredentialsOptions } from "./control/control-credentials.ts";
export { type RedisTokenCredentials, type RedisTokenSource } from "./tokens/redis-token-source.ts";
export type { ReplicaReport } from "@fleetquake/replica";
export { startAgent } from "./start-agent.ts";
export { type AgentBus, type StartAgentOptions } from "./start-agent-options.ts";
export { loadAgentConfig, type AgentConfig, type Environment } from "./load-agent-config.ts";
