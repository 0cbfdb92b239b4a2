import { RECOVERY_MEMBERS } from "./recovery-properties.ts";

/** An event as Application Insights knows it; EVENTS.md is held to this by a test. */
export interface EventDescription {
  readonly from: "API" | "replica";
  readonly when: string;
  readonly members: readonly string[];
}

const ANSWER = ["command_id", "fault", "action", "replica_id", "instance_id", "role", "state"];
const CLOSED = [
  "command_id",
  "outcome",
  "published",
  "connections_closed",
  "duration_ms",
  "skew_ms",
  "expected",
  "acknowledged",
  "failed",
  "refused",
  "expired",
  "silent",
  "left",
  "late",
  "joined_late",
];

/**
 * Every event; `<command>` is `redis-reset`, `load`, `hang`, `redis-block`, `token-expiry`, each also with `-recovery`,
 * `halt` or `halt-release`. A member without a value is left out.
 */
export const INSIGHTS_EVENTS = {
  "<command>-requested": {
    from: "API",
    when: "A command was asked for: accepted and published, or refused with a code.",
    members: ["command_id", "fault", "action", "caller", "reason", "accepted", "code"],
  },
  halted: {
    from: "API",
    when: "The fleet is halted; published is false where only this API could be told.",
    members: ["command_id", "caller", "reason", "published"],
  },
  acknowledgement: {
    from: "API",
    when: "A replica answered a command; state is that of the ledger, `late` after the close.",
    members: [
      ...ANSWER,
      "coverage",
      "connections_closed",
      "closed_by",
      "closed_at",
      "duration_ms",
      "error",
    ],
  },
  "<command>-completed": {
    from: "API",
    when: "The collection of a command's answers is over, and everybody did it.",
    members: CLOSED,
  },
  "<command>-partial": {
    from: "API",
    when: "It is over, and some did not do it, or, with outcome `none`, nobody.",
    members: CLOSED,
  },
  recovery: {
    from: "API",
    when: "A replica reported that its connections are back, and that the watch over it ended.",
    members: RECOVERY_MEMBERS,
  },
  "redis-connections-closed": {
    from: "replica",
    when: "This process closed its connections for a reset.",
    members: [
      ...ANSWER,
      "duration_ms",
      "coverage",
      "connections_closed",
      "connecting_aborted",
      "closed_by",
    ],
  },
  "command-answered": {
    from: "replica",
    when: "This process answered any other command, or did not do what a reset asked.",
    members: [...ANSWER, "duration_ms", "error"],
  },
  "redis-connections-back": {
    from: "replica",
    when: "All connections of this process are back; once more when the watch ends.",
    members: RECOVERY_MEMBERS,
  },
  "redis-connections-missing": {
    from: "replica",
    when: "The watch ended, and connections of this process are not back.",
    members: RECOVERY_MEMBERS,
  },
} as const satisfies Readonly<Record<string, EventDescription>>;
