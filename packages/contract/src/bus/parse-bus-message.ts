import type { TSchema } from "typebox";
import { Compile } from "typebox/schema";
import { orderName } from "../fault.ts";
import { COMMAND_SCHEMAS, RollCallSchema, type Command, type RollCall } from "./command.ts";
import {
  AcknowledgementSchema,
  ByeSchema,
  CommandClosedSchema,
  COMMAND_OPENED_SCHEMAS,
  HeartbeatSchema,
  HelloSchema,
  LedgerCallSchema,
  RecoveryReportSchema,
  type FleetEvent,
} from "./fleet-event.ts";
import { BUS_SCHEMA_VERSION } from "./schema-version.ts";

/** What came of reading a bus message: the message, or why it does not fit the contract. */
export type ParsedMessage<T> =
  | { readonly ok: true; readonly message: T }
  | { readonly ok: false; readonly reason: string };

/** Everything that travels on the topic of commands. */
export type CommandMessage = Command | RollCall;

interface MessageValidator {
  Check(value: unknown): boolean;
  Errors(value: unknown): [isValid: boolean, errors: { instancePath: string; message: string }[]];
}

type Validators = Readonly<Record<string, () => MessageValidator>>;

const commandValidators: Validators = {
  ...ofOrders("command", COMMAND_SCHEMAS),
  "roll-call": ofMessage(RollCallSchema),
};

const eventValidators: Validators = {
  hello: ofMessage(HelloSchema),
  heartbeat: ofMessage(HeartbeatSchema),
  bye: ofMessage(ByeSchema),
  acknowledgement: ofMessage(AcknowledgementSchema),
  "recovery-report": ofMessage(RecoveryReportSchema),
  ...ofOrders("command-opened", COMMAND_OPENED_SCHEMAS),
  "command-closed": ofMessage(CommandClosedSchema),
  "ledger-call": ofMessage(LedgerCallSchema),
};

/** Messages that carry an order are told apart by it: the mistakes in one are then its own. */
function ofOrders(type: string, schemas: Readonly<Record<string, TSchema>>): Validators {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [`${type} ${name}`, ofMessage(schema)]),
  );
}

/** Compiled with the first such message: an agent gets no events, an API no commands, and neither gets most of the orders. */
function ofMessage(schema: TSchema): () => MessageValidator {
  let compiled: MessageValidator | undefined;
  return () => (compiled ??= Compile(schema));
}

/**
 * Reads the body of a message from the topic of commands.
 * Never throws: what does not fit is a reason, to be counted, logged and dropped.
 */
export function parseCommandMessage(body: unknown): ParsedMessage<CommandMessage> {
  return parse(body, commandValidators, isCommandMessage);
}

/**
 * Reads the body of a message from the topic of events.
 * Never throws: what does not fit is a reason, to be counted, logged and dropped.
 */
export function parseFleetEvent(body: unknown): ParsedMessage<FleetEvent> {
  return parse(body, eventValidators, isFleetEvent);
}

function parse<T>(
  body: unknown,
  validators: Validators,
  isMessage: (body: unknown, validator: MessageValidator) => body is T,
): ParsedMessage<T> {
  if (!isObject(body)) {
    return { ok: false, reason: "the body is not a JSON object" };
  }
  if (body.schema !== BUS_SCHEMA_VERSION) {
    return { ok: false, reason: `schema is not ${BUS_SCHEMA_VERSION}` };
  }
  const validator = find(validators, body.type) ?? find(validators, orderedType(body));
  if (validator === undefined) {
    return { ok: false, reason: "the type is not known here" };
  }
  if (!isMessage(body, validator)) {
    const [, [first]] = validator.Errors(body);
    return { ok: false, reason: `${first?.instancePath || "/"} ${first?.message ?? "is wrong"}` };
  }
  return { ok: true, message: body };
}

interface UncheckedMessage {
  readonly schema?: unknown;
  readonly type?: unknown;
  readonly fault?: unknown;
  readonly action?: unknown;
}

function isObject(body: unknown): body is UncheckedMessage {
  return typeof body === "object" && body !== null && !Array.isArray(body);
}

function find(validators: Validators, key: unknown): MessageValidator | undefined {
  return typeof key === "string" && Object.hasOwn(validators, key)
    ? validators[key]?.()
    : undefined;
}

/** An order that nobody knows is judged as a reset: its mistakes then name the fault or the action. */
function orderedType({ type, fault, action }: UncheckedMessage): string {
  return `${String(type)} ${orderName(fault, action) ?? "redis-reset:inject"}`;
}

function isCommandMessage(body: unknown, validator: MessageValidator): body is CommandMessage {
  return validator.Check(body);
}

function isFleetEvent(body: unknown, validator: MessageValidator): body is FleetEvent {
  return validator.Check(body);
}
