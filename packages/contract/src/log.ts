/** Fields of a log line; never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where parts report to: an event name in noun-action form (`redis-reset-requested`) and its fields. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Says nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
