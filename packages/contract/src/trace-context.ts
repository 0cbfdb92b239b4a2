/** Where in an operation something happens: the operation's id, and the id of the step that it belongs to. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all zero; Application Insights calls it the operation's id. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits, not all zero. */
  readonly spanId: string;
}

/** Version, trace, parent, flags; a version after 00 may say more behind them. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const LONGEST = 256;

/**
 * Reads a `traceparent` (W3C Trace Context), whoever sent it. Never throws.
 * @returns null for anything else; an operation of our own begins then.
 */
export function parseTraceparent(value: unknown): TraceContext | null {
  if (typeof value !== "string" || value.length > LONGEST) {
    return null;
  }
  const [, version, traceId, spanId, rest] = TRACEPARENT.exec(value) ?? [];
  const isReadable = version !== "00" || rest === undefined;
  return traceId !== undefined && spanId !== undefined && isReadable ? { traceId, spanId } : null;
}

/** As `traceparent` of version 00. It is marked as sampled: what happens to a fleet is always told. */
export function formatTraceparent({ traceId, spanId }: TraceContext): string {
  return `00-${traceId}-${spanId}-01`;
}
