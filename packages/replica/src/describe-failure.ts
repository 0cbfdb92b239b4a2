import type { AcknowledgementError } from "@fleetquake/contract";

/** The contract's bound on the text of an error. */
const LONGEST_MESSAGE = 1_000;

/** An error as the acknowledgement carries it; never a stack, and bounded. */
export function describeFailure(error: unknown): AcknowledgementError {
  if (!(error instanceof Error)) {
    return { code: "FAULT_FAILED", message: "The fault failed with a value that is no error." };
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return {
    code: /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : "FAULT_FAILED",
    message: error.message.slice(0, LONGEST_MESSAGE),
  };
}
