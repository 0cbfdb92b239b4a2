import type { RedisBlockOptions, RedisBlockSwitch } from "@fleetquake/replica";
import { FaultRefusedError } from "@fleetquake/replica/fault-refused-error";
import type { RedisBlockCell } from "./redis-block-cell.ts";

/**
 * Blocks by what is written into shared memory, from whatever thread; the application's own thread reads it there.
 * `begin` throws a FaultRefusedError `REDIS_NOT_TRACKED` where nobody would read it: a block that lets everything
 * through must not be reported as one.
 */
export function createRedisBlockSwitch(cell: RedisBlockCell): RedisBlockSwitch {
  return {
    async begin(options: RedisBlockOptions): Promise<void> {
      if (!cell.isGuarded) {
        const message =
          "The agent does not see the connections of this process: none can be kept out.";
        throw new FaultRefusedError("REDIS_NOT_TRACKED", message);
      }
      cell.begin(options);
      await Promise.resolve();
    },
    async end(): Promise<void> {
      cell.end();
      await Promise.resolve();
    },
  };
}
