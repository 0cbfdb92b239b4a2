import type { CloseReport } from "@fleetquake/contract";
import { CloseExpiredError } from "@fleetquake/replica/connection-set";

/** What came of a close, in a form that crosses threads: errors lose their class and members on the way. */
export type CloseResult =
  | {
      readonly ok: true;
      readonly report: CloseReport;
      /** By the monotonic clock, which all threads of a process share; null when it was not told. */
      readonly closedAtInMs: number | null;
    }
  | {
      readonly ok: false;
      readonly message: string;
      readonly code: string | null;
      readonly isExpired: boolean;
    };

/** Closes and turns what came of it into data; never rejects. */
export async function toCloseResult(
  close: (onClosed: (atInMs: number) => void) => Promise<CloseReport>,
): Promise<CloseResult> {
  let closedAtInMs: number | null = null;
  try {
    const report = await close((atInMs) => (closedAtInMs = atInMs));
    return { ok: true, report, closedAtInMs };
  } catch (error) {
    return toFailedResult(error);
  }
}

/** The data that a close's error is turned into. */
export function toFailedResult(error: unknown): CloseResult {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return {
    ok: false,
    message: error instanceof Error ? error.message : "The close failed without an error.",
    code: typeof code === "string" ? code : null,
    isExpired: error instanceof CloseExpiredError,
  };
}

/** The error that a failed close was turned into data from. */
export function toCloseError(result: Extract<CloseResult, { ok: false }>): Error {
  if (result.isExpired) {
    return new CloseExpiredError(result.message);
  }
  const error = new Error(result.message);
  return result.code === null ? error : Object.assign(error, { code: result.code });
}
