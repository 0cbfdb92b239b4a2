import { Type, type Static } from "typebox";
import { Compile } from "typebox/compile";
import { CommandSchema, RollCallSchema } from "./command.ts";
import {
  AcknowledgementSchema,
  ByeSchema,
  CommandClosedSchema,
  CommandOpenedSchema,
  HeartbeatSchema,
  HelloSchema,
  RecoveryReportSchema,
  type FleetEvent,
} from "./fleet-event.ts";
import { BUS_SCHEMA_VERSION } from "./schema-version.ts";

/** What came of reading a bus message: the message, or why it does not fit the contract. */
export type ParsedMessage<T> =
  | { readonly ok: true; readonly message: T }
  | { readonly ok: false; readonly reason: string };

const CommandMessageSchema = Type.Union([CommandSchema, RollCallSchema]);

/** Everything that travels on the topic of commands. */
export type CommandMessage = Static<typeof CommandMessageSchema>;

interface MessageValidator<T> {
  Check(value: unknown): value is T;
  Errors(value: unknown): { instancePath: string; message: string }[];
}

const commandValidators = {
  command: Compile(CommandSchema),
  "roll-call": Compile(RollCallSchema),
};

const eventValidators = {
  hello: Compile(HelloSchema),
  heartbeat: Compile(HeartbeatSchema),
  bye: Compile(ByeSchema),
  acknowledgement: Compile(AcknowledgementSchema),
  "recovery-report": Compile(RecoveryReportSchema),
  "command-opened": Compile(CommandOpenedSchema),
  "command-closed": Compile(CommandClosedSchema),
};

/**
 * Reads the body of a message from the topic of commands.
 * Never throws: what does not fit is a reason, to be counted, logged and dropped.
 */
export function parseCommandMessage(body: unknown): ParsedMessage<CommandMessage> {
  return parse<CommandMessage>(body, commandValidators);
}

/**
 * Reads the body of a message from the topic of events.
 * Never throws: what does not fit is a reason, to be counted, logged and dropped.
 */
export function parseFleetEvent(body: unknown): ParsedMessage<FleetEvent> {
  return parse<FleetEvent>(body, eventValidators);
}

function parse<T>(
  body: unknown,
  validators: Readonly<Record<string, MessageValidator<T>>>,
): ParsedMessage<T> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { ok: false, reason: "the body is not a JSON object" };
  }
  const { schema, type } = body as { schema?: unknown; type?: unknown };
  if (schema !== BUS_SCHEMA_VERSION) {
    return { ok: false, reason: `schema is not ${BUS_SCHEMA_VERSION}` };
  }
  const validator =
    typeof type === "string" && Object.hasOwn(validators, type) ? validators[type] : undefined;
  if (validator === undefined) {
    return { ok: false, reason: "the type is not known here" };
  }
  if (!validator.Check(body)) {
    const first = validator.Errors(body)[0];
    return { ok: false, reason: `${first?.instancePath || "/"} ${first?.message ?? "is wrong"}` };
  }
  return { ok: true, message: body };
}
