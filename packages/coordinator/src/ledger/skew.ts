import type { Answer } from "./ledger-row.ts";

/** How far the replicas' closes lie apart, and how far that may be wrong; null with fewer than two closes. */
export interface Skew {
  readonly skewInMs: number | null;
  readonly uncertaintyInMs: number | null;
}

/** Timestamps are cut to milliseconds. */
const RESOLUTION_IN_MS = 1;

/**
 * Span between the first and the last close of those who did it.
 *
 * A replica states its close in its own estimate of broker time, which lags by its fastest delivery: the true close
 * lies between what it claims and the broker's stamp on its answer. That distance bounds the error of one claim, and
 * since all claims err to the same side, the largest of them bounds the error of the span. A replica that has never
 * timed its clock (`clock_offset_ms` null) is only known to have closed between the opening and that stamp.
 */
export function skewOf(answers: readonly Answer[], openedAtInMs: number): Skew {
  const closes = answers
    .filter((answer) => answer.body.state === "acknowledged")
    .flatMap((answer) => closeOf(answer, openedAtInMs));
  if (closes.length < 2) {
    return { skewInMs: null, uncertaintyInMs: null };
  }
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let uncertaintyInMs = 0;
  for (const close of closes) {
    first = Math.min(first, close.atInMs);
    last = Math.max(last, close.atInMs);
    uncertaintyInMs = Math.max(uncertaintyInMs, close.uncertaintyInMs);
  }
  return { skewInMs: last - first, uncertaintyInMs: uncertaintyInMs + RESOLUTION_IN_MS };
}

function closeOf(
  answer: Answer,
  openedAtInMs: number,
): { readonly atInMs: number; readonly uncertaintyInMs: number }[] {
  const claimedInMs = Date.parse(answer.body.closed_at);
  if (Number.isNaN(claimedInMs)) {
    return [];
  }
  // No replica closes before the command is out or after its answer is in.
  const latestInMs = Math.max(openedAtInMs, answer.enqueuedAtInMs);
  const atInMs = Math.min(Math.max(claimedInMs, openedAtInMs), latestInMs);
  const isTimed = answer.body.clock_offset_ms !== null && atInMs === claimedInMs;
  return [{ atInMs, uncertaintyInMs: latestInMs - (isTimed ? atInMs : openedAtInMs) }];
}
