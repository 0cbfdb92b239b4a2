import type { AcknowledgementError, Command } from "@fleetquake/contract";
import type { ReplicaFault } from "./faults/replica-fault.ts";

/** What a replica makes of a command that is meant for it and that it has not seen before. */
export type Verdict =
  | { readonly kind: "inject"; readonly fault: ReplicaFault }
  | { readonly kind: "expired"; readonly error: AcknowledgementError }
  | { readonly kind: "refused"; readonly error: AcknowledgementError };

export interface JudgeOptions {
  /** How long ago the command expired; negative while it still holds. */
  readonly expiredForInMs: number;
  /** The highest epoch of this fault, and of any halt, seen before this command. */
  readonly highestEpoch: number;
  /** What the command asks for; undefined: this process does not know it. */
  readonly fault: ReplicaFault | undefined;
  /** The faults that the application consents to. */
  readonly allow: readonly string[];
  readonly isHalted: boolean;
}

/** Decides whether a fault is injected, and if not, why. */
export function judgeCommand(command: Command, options: JudgeOptions): Verdict {
  if (options.expiredForInMs >= 0) {
    const message = `The command expired ${Math.round(options.expiredForInMs)} ms before it arrived.`;
    return { kind: "expired", error: { code: "COMMAND_EXPIRED", message } };
  }
  if (options.isHalted) {
    const message = "The fleet is halted: no fault is injected until the halt is released.";
    return { kind: "refused", error: { code: "HALTED", message } };
  }
  if (command.epoch < options.highestEpoch) {
    const message = `Epoch ${command.epoch} is below ${options.highestEpoch}, which this replica has seen.`;
    return { kind: "refused", error: { code: "STALE_EPOCH", message } };
  }
  if (options.fault === undefined) {
    const message = `This replica does not know the fault ${command.fault}.`;
    return { kind: "refused", error: { code: "UNKNOWN_FAULT", message } };
  }
  const missing = consentNeeded(command).filter((name) => !options.allow.includes(name));
  if (missing.length > 0) {
    const message = `The application does not allow ${missing.join(" and ")}; it allows: ${options.allow.join(", ") || "nothing"}.`;
    return { kind: "refused", error: { code: "FAULT_NOT_ALLOWED", message } };
  }
  return { kind: "inject", fault: options.fault };
}

/** A reset that keeps connections out is a block, too. */
function consentNeeded(command: Command): readonly string[] {
  const isBlocking =
    command.fault === "redis-reset" && command.parameters.block_seconds !== undefined;
  return isBlocking ? ["redis-reset", "redis-block"] : [command.fault];
}
