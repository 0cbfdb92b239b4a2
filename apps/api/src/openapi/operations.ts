import type { Operation } from "./operation.ts";
import { DOCUMENTATION_OPERATIONS } from "./operations/documentation-operations.ts";
import { FLEET_OPERATIONS } from "./operations/fleet-operations.ts";
import { HALT_OPERATIONS } from "./operations/halt-operations.ts";
import { HANG_OPERATIONS } from "./operations/hang-operations.ts";
import { LOAD_OPERATIONS } from "./operations/load-operations.ts";
import { REDIS_BLOCK_OPERATIONS } from "./operations/redis-block-operations.ts";
import { REDIS_TOKEN_EXPIRY_OPERATIONS } from "./operations/redis-token-expiry-operations.ts";
import { REDIS_RESET_OPERATIONS } from "./operations/redis-reset-operations.ts";
import { PROBE_OPERATIONS } from "./operations/probe-operations.ts";

/** Everything that the API answers to. */
export const OPERATIONS: readonly Operation[] = [
  ...REDIS_RESET_OPERATIONS,
  ...LOAD_OPERATIONS,
  ...HANG_OPERATIONS,
  ...REDIS_BLOCK_OPERATIONS,
  ...REDIS_TOKEN_EXPIRY_OPERATIONS,
  ...HALT_OPERATIONS,
  ...FLEET_OPERATIONS,
  ...PROBE_OPERATIONS,
  ...DOCUMENTATION_OPERATIONS,
];
