import type { CloseReport } from "@fleetquake/contract";
import { CloseExpiredError } from "@fleetquake/replica/connection-set";

/** What came of a close, in a form that crosses threads: errors lose their class and members on the way. */
export type CloseResult =
  | { readonly ok: true; readonly report: CloseReport }
  | {
      readonly ok: false;
      readonly message: string;
      readonly code: string | null;
      readonly isExpired: boolean;
    };

/** Waits for a close and turns what came of it into data; never rejects. */
export async function toCloseResult(close: Promise<CloseReport>): Promise<CloseResult> {
  try {
    return { ok: true, report: await close };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return {
      ok: false,
      message: error instanceof Error ? error.message : "The close failed without an error.",
      code: typeof code === "string" ? code : null,
      isExpired: error instanceof CloseExpiredError,
    };
  }
}

/** The error that a failed close was turned into data from. */
export function toCloseError(result: Extract<CloseResult, { ok: false }>): Error {
  if (result.isExpired) {
    return new CloseExpiredError(result.message);
  }
  const error = new Error(result.message);
  return result.code === null ? error : Object.assign(error, { code: result.code });
}
