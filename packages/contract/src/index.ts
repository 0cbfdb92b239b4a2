export {
  ACKNOWLEDGEMENT_STATES,
  DRAIN_HAZARDS,
  type AcknowledgementState,
  type AcknowledgementBody,
  type AcknowledgementError,
  type CloseReport,
  type DrainHazard,
  type DrainHazards,
} from "./bus/acknowledgement.ts";
export { type Command, type CommandTarget, type RollCall } from "./bus/command.ts";
export {
  type Acknowledgement,
  type Bye,
  type CommandClosed,
  type CommandOpened,
  type ExpectedReplica,
  type FleetEvent,
  type Heartbeat,
  type Hello,
  type RecoveryReport,
  type ReplicaEvent,
} from "./bus/fleet-event.ts";
export {
  parseCommandMessage,
  parseFleetEvent,
  type CommandMessage,
  type ParsedMessage,
} from "./bus/parse-bus-message.ts";
export { type RecoveryBody } from "./bus/recovery-report.ts";
export { type RedisState, type ReplicaIdentity, type ReplicaState } from "./bus/replica-state.ts";
export { BUS_SCHEMA_VERSION } from "./bus/schema-version.ts";
export { CONNECTION_KINDS, type ConnectionCounts, type ConnectionKind } from "./connection-kind.ts";
export { FAULTS, type Fault } from "./fault-names.ts";
export { type RedisResetParameters } from "./fault.ts";
export {
  ROSTER_STATES,
  type BlockStatus,
  type FleetStatus,
  type HangStatus,
  type LoadStatus,
  type ReplicaList,
  type ReplicaStatus,
  type RosterState,
} from "./http/fleet-status.ts";
export {
  LEDGER_STATES,
  type CommandPage,
  type FleetTally,
  type LedgerEntry,
  type LedgerOutcome,
  type LedgerState,
  type Percentiles,
  type RecoverySummary,
  type RedisResetAnswer,
  type ReplicaOutcome,
} from "./http/ledger-entry.ts";
export { PROBLEM_CODES, type ProblemCode, type ProblemDefinition } from "./http/problem-codes.ts";
export { type HealthAnswer, type LivenessAnswer, type ReadinessAnswer } from "./http/health.ts";
export { type MemberError, type Problem } from "./http/problem.ts";
export {
  RedisResetRequestSchema,
  TargetSchema,
  UNSUPPORTED_RESET_MEMBERS,
  type AcceptedAnswer,
  type DryRunAnswer,
  type RedisResetRequest,
  type Target,
} from "./http/redis-reset.ts";
export { type SampleAnswer } from "./http/sample.ts";
export { silentLog, type Log, type LogFields } from "./log.ts";
export { BrokerTime } from "./time/broker-time.ts";
export { type Clock, type Timer } from "./time/clock.ts";
export { roundSpan } from "./time/round-span.ts";
export { systemClock } from "./time/system-clock.ts";
