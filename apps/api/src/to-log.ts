import type { FastifyBaseLogger } from "fastify";
import type { Log } from "@fleetquake/contract";

/** Lets the parts that know no logger write to Fastify's: the event's name becomes the message. */
export function toLog(logger: FastifyBaseLogger): Log {
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
  };
}
