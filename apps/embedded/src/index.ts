export { EmbeddedFleet } from "./fleet/embedded-fleet.ts";
export {
  type FleetApi,
  type FleetObserver,
  type FleetPlan,
  type ProcessKind,
} from "./fleet/fleet-plan.ts";
export { type RunningBroker } from "./fleet/start-broker-process.ts";
export { waitForRoster } from "./fleet/wait-for-roster.ts";
export { portProblem } from "./network/port-problem.ts";
export {
  FleetProcess,
  type FleetProcessOptions,
  type ReadyMessage,
} from "./process/fleet-process.ts";
export { describeProcessEnd, type ProcessEnd } from "./process/process-end.ts";
export { waitUntil, type WaitUntilOptions } from "./process/wait-until.ts";
export { findRedisProgram } from "./redis/find-redis-program.ts";
export { type RedisProgram } from "./redis/redis-program.ts";
export { startRedisServer, type OwnRedis } from "./redis/start-redis-server.ts";
