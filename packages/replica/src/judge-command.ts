import type { AcknowledgementError, Command } from "@fleetquake/contract";
import type { ReplicaFault } from "./faults/replica-fault.ts";

/** What a replica makes of a command that is meant for it and that it has not seen before. */
export type Verdict =
  | { readonly kind: "execute"; readonly fault: ReplicaFault }
  | { readonly kind: "expired"; readonly error: AcknowledgementError }
  | { readonly kind: "refused"; readonly error: AcknowledgementError };

export interface JudgeOptions {
  /** How long ago the command expired; negative while it still holds. */
  readonly expiredForInMs: number;
  /** The highest epoch seen before this command. */
  readonly highestEpoch: number;
  readonly faults: ReadonlyMap<string, ReplicaFault>;
  /** The faults that the application consents to. */
  readonly allow: readonly string[];
}

/** Decides whether a command is executed, and if not, why. */
export function judgeCommand(command: Command, options: JudgeOptions): Verdict {
  if (options.expiredForInMs >= 0) {
    const message = `The command expired ${Math.round(options.expiredForInMs)} ms before it arrived.`;
    return { kind: "expired", error: { code: "COMMAND_EXPIRED", message } };
  }
  if (command.epoch < options.highestEpoch) {
    const message = `Epoch ${command.epoch} is below ${options.highestEpoch}, which this replica has seen.`;
    return { kind: "refused", error: { code: "STALE_EPOCH", message } };
  }
  const fault = options.faults.get(command.fault);
  if (fault === undefined) {
    const message = `This replica does not know the fault ${command.fault}.`;
    return { kind: "refused", error: { code: "UNKNOWN_FAULT", message } };
  }
  if (!options.allow.includes(command.fault)) {
    const message = `The application does not allow ${command.fault}; it allows: ${options.allow.join(", ") || "nothing"}.`;
    return { kind: "refused", error: { code: "FAULT_NOT_ALLOWED", message } };
  }
  return { kind: "execute", fault };
}
