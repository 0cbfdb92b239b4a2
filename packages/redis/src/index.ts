export {
  defineVariable,
  readVariable,
  type Environment,
  type EnvironmentVariable,
  type ParsedText,
} from "./environment/environment-variable.ts";
export {
  parseFlag,
  parseInteger,
  parseOneOf,
  parseSeconds,
  parseText,
} from "./environment/parse-text.ts";
export { Secret } from "./environment/secret.ts";
export { type PoolCounts } from "./pool/connection-pool.ts";
export {
  createSamplePool,
  type RunOptions,
  type SamplePool,
  type SamplePoolOptions,
} from "./pool/create-sample-pool.ts";
export { RedisOperationError } from "./pool/redis-operation-error.ts";
export { type ConnectOptions, type RedisClient } from "./client/redis-client.ts";
export { describeRedis } from "./describe-redis.ts";
export { type EntraSettings, type FetchToken } from "./entra/azure-tokens.ts";
export { type RedisToken } from "./entra/redis-token.ts";
export { type RedisCredentials, type RedisTokens } from "./entra/redis-tokens.ts";
export {
  openRedisAccess,
  type OpenRedisAccessOptions,
  type RedisAccess,
} from "./open-redis-access.ts";
export { type RedisPlace } from "./parse-redis-url.ts";
export { readRedisSettings, type RedisSettings } from "./read-redis-settings.ts";
export { REDIS_VARIABLES } from "./redis-variables.ts";
