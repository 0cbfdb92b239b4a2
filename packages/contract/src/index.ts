export {
  ACKNOWLEDGEMENT_STATES,
  DRAIN_HAZARDS,
  type AcknowledgementState,
  type AcknowledgementBody,
  type AcknowledgementError,
  type CloseReport,
  type DrainHazard,
  type DrainHazards,
  type LoadReport,
} from "./bus/acknowledgement.ts";
export { type Command, type CommandTarget, type RollCall } from "./bus/command.ts";
export {
  type Acknowledgement,
  type Bye,
  type CommandClosed,
  type CommandOpened,
  type ExpectedReplica,
  type FleetEvent,
  type FleetNews,
  type Heartbeat,
  type Hello,
  type LedgerCall,
  type LedgerEvent,
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
export {
  type ActiveFault,
  type RedisState,
  type ReplicaIdentity,
  type ReplicaState,
} from "./bus/replica-state.ts";
export { BUS_SCHEMA_VERSION } from "./bus/schema-version.ts";
export { BUS_TIERS, type BusTier } from "./bus-tiers.ts";
export { type ConnectionCounts } from "./connection-counts.ts";
export { CONNECTION_KINDS, type ConnectionKind } from "./connection-kinds.ts";
export {
  ACTIONS,
  BLOCK_MODES,
  COMMAND_FAULTS,
  FAULTS,
  LASTING_FAULTS,
  LOAD_LEVELS,
  REPLICA_HANG_SCOPES,
  type BlockMode,
  type Fault,
  type LastingFault,
  type LoadLevel,
  type ReplicaHangScope,
} from "./fault-names.ts";
export {
  LONGEST_FAULT_IN_SECONDS,
  LONGEST_PROCESS_HANG_IN_SECONDS,
  copyOrder,
  orderName,
  type CommandFault,
  type CommandOrder,
  type HangParameters,
  type HaltParameters,
  type LoadParameters,
  type OrderName,
  type RedisBlockParameters,
  type RedisResetParameters,
} from "./fault.ts";
export {
  FleetStatusSchema,
  ReplicaListSchema,
  ReplicaStatusSchema,
  type BlockStatus,
  type TokenExpiryStatus,
  type FleetStatus,
  type HangStatus,
  type LoadStatus,
  type ReplicaList,
  type ReplicaStatus,
} from "./http/fleet-status.ts";
export {
  CommandPageSchema,
  LEDGER_STATES,
  LedgerEntrySchema,
  type CommandPage,
  type FleetTally,
  type LedgerEntry,
  type LedgerOutcome,
  type LedgerState,
  type Percentiles,
  type RecoverySummary,
  type ReplicaOutcome,
} from "./http/ledger-entry.ts";
export {
  PROBLEM_CODE_NAMES,
  PROBLEM_CODES,
  type ProblemCode,
  type ProblemDefinition,
} from "./http/problem-codes.ts";
export {
  HealthAnswerSchema,
  LivenessAnswerSchema,
  ReadinessAnswerSchema,
  type HealthAnswer,
  type LivenessAnswer,
  type ReadinessAnswer,
} from "./http/health.ts";
export { ProblemSchema, type MemberError, type Problem } from "./http/problem.ts";
export {
  DryRunAnswerSchema,
  RedisResetAnswerSchema,
  RedisResetRequestSchema,
  type DryRunAnswer,
  type Verification,
  type RedisResetAnswer,
  type RedisResetRequest,
} from "./http/redis-reset.ts";
export { CancellationAnswerSchema } from "./http/cancellation.ts";
export {
  AcceptedAnswerSchema,
  type AcceptedAnswer,
  type CommandAnswer,
  type RecoveryAnswer,
} from "./http/command-answer.ts";
export {
  HaltAnswerSchema,
  HaltReleaseAnswerSchema,
  HaltRequestSchema,
  type HaltNotice,
  type HaltRequest,
} from "./http/halt.ts";
export {
  HangAnswerSchema,
  HangRecoveryAnswerSchema,
  HangRequestSchema,
  LONGEST_REQUEST_HANG_IN_SECONDS,
  RequestHangAnswerSchema,
  RequestHangReleasedAnswerSchema,
  type HangRequest,
  type RequestHangAnswer,
} from "./http/hang.ts";
export {
  LoadAnswerSchema,
  LoadRecoveryAnswerSchema,
  LoadRequestSchema,
  type LoadRequest,
} from "./http/load.ts";
export {
  RedisBlockAnswerSchema,
  RedisBlockRecoveryAnswerSchema,
  RedisBlockRequestSchema,
  type RedisBlockRequest,
} from "./http/redis-block.ts";
export {
  RedisTokenExpiryAnswerSchema,
  RedisTokenExpiryRecoveryAnswerSchema,
  RedisTokenExpiryRequestSchema,
  type RedisTokenExpiryRequest,
} from "./http/redis-token-expiry.ts";
export { TargetSchema, type Target } from "./http/target.ts";
export { StreamEventSchema, type StreamEvent } from "./http/stream-event.ts";
export { type JobsStatus } from "./http/jobs-status.ts";
export { SampleAnswerSchema, type SampleAnswer } from "./http/sample.ts";
export { silentLog, type Log, type LogFields } from "./log.ts";
export { BrokerTime } from "./time/broker-time.ts";
export { type Clock, type Timer } from "./time/clock.ts";
export { roundSpan } from "./time/round-span.ts";
export { systemClock } from "./time/system-clock.ts";
export { formatTraceparent, parseTraceparent, type TraceContext } from "./trace-context.ts";
export { ROSTER_STATES, type RosterState } from "./roster-states.ts";
