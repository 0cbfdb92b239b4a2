import {
  CancellationAnswerSchema,
  CommandPageSchema,
  FleetStatusSchema,
  LedgerEntrySchema,
  ReplicaListSchema,
  ReplicaStatusSchema,
  StreamEventSchema,
} from "@fleetquake/contract";
import { Type } from "typebox";
import type { ParameterObject } from "../open-api-document.ts";
import type { Operation } from "../operation.ts";
import { SAMPLE_COMMAND, SAMPLE_ENTRY, SAMPLE_REPLICA, SAMPLE_STATUS } from "../samples.ts";
import { commandAnswers } from "./command-answers.ts";
import { RECOVERY_PROBLEMS } from "./command-problems.ts";

const tag = "fleet";

const id = (description: string, example: string): ParameterObject => ({
  name: "id",
  in: "path",
  required: true,
  description,
  schema: { type: "string", minLength: 1, maxLength: 1_024 },
  example,
});

const commandId = id("The command's id.", "01KAQ5Z3V8E4H2N7R9T1W6Y0ZC");

const scope: ParameterObject = {
  name: "scope",
  in: "query",
  description: "local: this process alone.",
  schema: { type: "string", enum: ["fleet", "local"], default: "fleet" },
};

const limit: ParameterObject = {
  name: "limit",
  in: "query",
  description: "How many commands a page has.",
  schema: { type: "integer", minimum: 1, maximum: 100, default: 20 },
};

const before: ParameterObject = {
  name: "before",
  in: "query",
  description: "The `next` of the page before.",
  schema: { type: "string", minLength: 1, maxLength: 256 },
};

const lastEventId: ParameterObject = {
  name: "Last-Event-ID",
  in: "header",
  description:
    "The id of the last event that the client had, from any API replica: what came after it follows. One that is not known (any more) starts with a snapshot.",
  schema: { type: "string" },
  example: "5f0c7a52-6c3b-4d0f-9a55-0a5d0b1c9e77",
};

const READS: readonly Operation[] = [
  {
    method: "get",
    path: "/chaos/status",
    id: "readStatus",
    summary: "How the fleet stands",
    description: "Always 200 and from memory: it waits neither for the bus nor for Redis.",
    tag,
    parameters: [scope],
    answers: {
      "200": {
        description: "The status.",
        schema: FleetStatusSchema,
        examples: { status: { summary: "After a reset", value: SAMPLE_STATUS } },
      },
    },
    problems: ["VALIDATION_FAILED"],
  },
  {
    method: "get",
    path: "/chaos/replicas",
    id: "listReplicas",
    summary: "The roster",
    tag,
    answers: {
      "200": {
        description: "Everybody who is remembered, also those who left a short while ago.",
        schema: ReplicaListSchema,
        examples: { one: { summary: "A fleet of one", value: { replicas: [SAMPLE_REPLICA] } } },
      },
    },
    problems: ["VALIDATION_FAILED"],
  },
  {
    method: "get",
    path: "/chaos/replicas/{id}",
    id: "readReplica",
    summary: "One replica",
    tag,
    parameters: [id("The replica's id.", "orders-7f9c-31")],
    answers: {
      "200": {
        description: "The replica.",
        schema: ReplicaStatusSchema,
        examples: { one: { summary: "A worker", value: SAMPLE_REPLICA } },
      },
    },
    problems: ["VALIDATION_FAILED", "UNKNOWN_REPLICA"],
  },
  {
    method: "get",
    path: "/chaos/commands",
    id: "listCommands",
    summary: "The ledger, newest first",
    tag,
    parameters: [limit, before],
    answers: {
      "200": {
        description: "A page of recent commands of the whole fleet.",
        schema: CommandPageSchema,
        examples: {
          page: { summary: "The last page", value: { commands: [SAMPLE_ENTRY], next: null } },
        },
      },
    },
    problems: ["VALIDATION_FAILED"],
  },
  {
    method: "get",
    path: "/chaos/commands/{id}",
    id: "readCommand",
    summary: "One command, and what each replica answered",
    description: "Amended by late answers and by reports of recovery; from any API replica.",
    tag,
    parameters: [commandId],
    answers: {
      "200": {
        description: "The ledger entry.",
        schema: LedgerEntrySchema,
        examples: { reset: { summary: "A reset", value: SAMPLE_ENTRY } },
      },
    },
    problems: ["VALIDATION_FAILED", "UNKNOWN_COMMAND"],
  },
];

/** What is read of the fleet, and the end of what still runs of a command. */
export const FLEET_OPERATIONS: readonly Operation[] = [
  ...READS,
  {
    method: "delete",
    path: "/chaos/commands/{id}",
    id: "cancelCommand",
    summary: "End what still runs of a command",
    description: "As the DELETE of its fault would; of a reset, the block that it left behind.",
    tag,
    parameters: [commandId, "IdempotencyKey", "Prefer"],
    answers: commandAnswers({
      schema: CancellationAnswerSchema,
      complete: "Nobody is under it any more.",
      example: {
        status: "command_cancelled",
        cancelled_command_id: "01KAQ5YQ4M3F0X8K5D7P2S9VBN",
        fault: "load",
        ...SAMPLE_COMMAND,
        unconfirmed: [],
      },
      accepted: "command_cancellation_accepted",
    }),
    problems: [...RECOVERY_PROBLEMS, "UNKNOWN_COMMAND", "COMMAND_NOT_RUNNING"],
  },
  {
    method: "get",
    path: "/chaos/events",
    id: "followEvents",
    summary: "What happens, as it happens",
    description:
      "Server-Sent Events. An event's name is its `type`, its id is the same at every API replica. A comment comes every 15 seconds. A client that reads too slowly is dropped, and goes on from its last event when it comes back.",
    tag,
    parameters: [lastEventId],
    answers: {
      "200": {
        description: "The stream, until the client or the API ends it.",
        contentType: "text/event-stream",
        schema: Type.String({
          description: "`id`, `event` and one line of `data`, which is JSON, for each event.",
        }),
        eventData: StreamEventSchema,
        examples: {
          bye: {
            summary: "A replica ends",
            value:
              'id: 5f0c7a52-6c3b-4d0f-9a55-0a5d0b1c9e77\nevent: bye\ndata: {"type":"bye","replica_id":"orders-7f9c-31","instance_id":"0d6f6c1e","at":"2026-11-23T08:15:00.142Z"}\n\n',
          },
        },
      },
    },
    problems: ["VALIDATION_FAILED", "EVENT_STREAMS_FULL"],
  },
];
