import type { ControlCredentialsOptions } from "./control/control-credentials.ts";
import type { EndpointName } from "./sockets/endpoint-set.ts";

const REDIS_PORT = 6379;

/** The servers that the control connection's options name: their sockets count before they have written a byte. */
export function configuredEndpoints(redis: ControlCredentialsOptions | null): EndpointName[] {
  const url = redis?.url === undefined ? undefined : new URL(redis.url);
  const host = redis?.host ?? url?.hostname ?? "";
  if (host === "") {
    return [];
  }
  const urlPort = url === undefined || url.port === "" ? REDIS_PORT : Number(url.port);
  return [{ host, port: redis?.port ?? urlPort }];
}
