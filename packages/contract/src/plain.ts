/**
 * The part of the contract that needs no schema library: an application that embeds the agent loads only this into its
 * own thread, since importing the schemas takes some 200 ms and 30 MB.
 */
export { CONNECTION_KINDS, type ConnectionKind } from "./connection-kinds.ts";
export {
  ACTIONS,
  COMMAND_FAULTS,
  FAULTS,
  LASTING_FAULTS,
  type BlockMode,
  type Fault,
  type LastingFault,
  type LoadLevel,
  type ReplicaHangScope,
} from "./fault-names.ts";
export { silentLog, type Log, type LogFields } from "./log.ts";
export { MOST_CLOSED_ADDRESSES } from "./most-closed-addresses.ts";
export { ROSTER_STATES } from "./roster-states.ts";
export { type Clock, type Timer } from "./time/clock.ts";
export { systemClock } from "./time/system-clock.ts";
