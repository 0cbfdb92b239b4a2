import type { Log, LogFields } from "@fleetquake/contract";

type Write = (fields: LogFields, event: string) => void;

/** What pino's logger and Fastify's have in common. */
export interface FieldsLogger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/** Lets the parts that know no logger write to one. */
export function toLog(logger: FieldsLogger): Log {
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
  };
}
