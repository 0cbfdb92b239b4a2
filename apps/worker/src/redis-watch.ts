import type { Clock, Log, Timer } from "@fleetquake/contract";
import type { RedisClient } from "@fleetquake/redis";

/** A reset is over in a fraction of this: what lasts longer is worth a line to the user. */
const PATIENCE_IN_MS = 5_000;

/** Reports a connection that stays away, once, and its return. */
export function watchRedis(
  redis: RedisClient,
  options: { readonly clock: Clock; readonly log: Log },
): void {
  const { clock, log } = options;
  let isReported = false;
  let patience: Timer | null = null;
  const onClose = (): void => {
    log.info("redis-connection-lost");
    patience ??= clock.after(PATIENCE_IN_MS, () => {
      isReported = true;
      log.warn("redis-unreachable", { for_ms: PATIENCE_IN_MS });
    });
  };
  const onReady = (): void => {
    patience?.cancel();
    patience = null;
    if (isReported) {
      log.warn("redis-reachable-again");
      isReported = false;
    } else {
      log.info("redis-connection-ready");
    }
  };
  redis.on("close", onClose);
  redis.on("ready", onReady);
}
