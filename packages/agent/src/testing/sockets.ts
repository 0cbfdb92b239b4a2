export { installRedisBlock, type InstallRedisBlockOptions } from "../block/install-redis-block.ts";
export { RedisBlockCell, type RedisBlockCellOptions } from "../block/redis-block-cell.ts";
export { createRedisBlockSwitch } from "../block/redis-block-switch.ts";
export { createRedisControl, type RedisControlOptions } from "../control/create-redis-control.ts";
export { type ClientRow, type RedisControl, type RedisEndpoint } from "../control/redis-control.ts";
export { closeNow, type ClosedConnections } from "../sockets/close-now.ts";
export {
  createConnectionSet,
  type AgentConnectionSet,
  type ConnectionSetOptions,
} from "../sockets/connection-set.ts";
export { SocketLedger } from "../sockets/socket-ledger.ts";
export {
  trackProcessSockets,
  type TrackProcessSocketsOptions,
} from "../sockets/track-process-sockets.ts";
