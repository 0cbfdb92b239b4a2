/** The last digits of a trace's id are random in whatever made it (W3C Trace Context, level 2); these are 32 bits. */
const DIGITS = 8;
const RANGE = 16 ** DIGITS;

/**
 * Whether what belongs to an operation is sent: the same answer in every process that has the same rate, so that an
 * operation is sent as a whole or not at all.
 * @param rate from 0, nothing, to 1, everything
 */
export function isSampled(traceId: string, rate: number): boolean {
  return Number.parseInt(traceId.slice(-DIGITS), 16) / RANGE < rate;
}
