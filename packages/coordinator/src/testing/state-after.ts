import type { ActiveFault, Command, CommandOrder, ReplicaState } from "@fleetquake/contract";
import { timestampOf } from "../timestamp-of.ts";

/** What a replica that does everything it is asked for reports once it has done it. */
export function stateAfter(state: ReplicaState, command: Command): ReplicaState {
  const highest_epoch = Math.max(state.highest_epoch, command.epoch);
  if (command.fault === "halt") {
    const halted = command.action === "inject";
    const active_faults = halted ? [] : state.active_faults;
    return { ...state, highest_epoch, halted, active_faults };
  }
  const begun = activeFaultOf(command);
  const ended = begun?.fault ?? command.fault;
  const others = state.active_faults.filter(({ fault }) => fault !== ended);
  const active_faults = begun === null ? others : [...others, begun];
  return { ...state, highest_epoch, active_faults };
}

/** The fault that a replica is under once it has carried a command out; null: none. */
function activeFaultOf(command: Command): ActiveFault | null {
  const seconds = secondsOf(command);
  if (seconds === undefined) {
    return null;
  }
  return {
    fault: command.fault === "redis-reset" ? "redis-block" : command.fault,
    command_id: command.command_id,
    ends_at: timestampOf(Date.parse(command.issued_at) + seconds * 1_000),
    ...(command.fault === "load" && command.action === "inject"
      ? { level: command.parameters.level }
      : {}),
  };
}

function secondsOf(order: CommandOrder): number | undefined {
  if (order.action === "recover" || order.fault === "halt") {
    return undefined;
  }
  return order.fault === "redis-reset"
    ? order.parameters.block_seconds
    : order.parameters.duration_seconds;
}
