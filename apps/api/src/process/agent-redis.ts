import type { StartAgentOptions } from "@fleetquake/agent";
import type { RedisSettings } from "@fleetquake/redis";

/** The agent's own credentials for its control connection, from the settings of the sample's connections. */
export function agentRedisOf(settings: RedisSettings): NonNullable<StartAgentOptions["redis"]> {
  if (!settings.enabled) {
    return false;
  }
  return {
    host: settings.host,
    port: settings.port,
    tls: settings.tls,
    ...(settings.username === null ? {} : { username: settings.username }),
    ...(settings.password === null ? {} : { password: settings.password.reveal() }),
  };
}
