import { AmqpError } from "../amqp/amqp-error.ts";

/** What an entity lets its users do. */
export type EntityStatus = "Active" | "Disabled" | "SendDisabled" | "ReceiveDisabled";

/** The two things that a status may forbid. */
export type EntityOperation = "Send" | "Listen";

const statuses: ReadonlySet<string> = new Set<EntityStatus>([
  "Active",
  "Disabled",
  "SendDisabled",
  "ReceiveDisabled",
]);

/** True when a text names a status. */
export function isEntityStatus(text: string): text is EntityStatus {
  return statuses.has(text);
}

/** Whether a status leaves an operation possible. */
export function statusAllows(status: EntityStatus, operation: EntityOperation): boolean {
  switch (status) {
    case "Active":
      return true;
    case "Disabled":
      return false;
    case "SendDisabled":
      return operation !== "Send";
    case "ReceiveDisabled":
      return operation !== "Listen";
  }
}

/** Says that an entity is disabled for what a client wants, under the condition that the SDK knows. */
export function entityDisabled(path: string): AmqpError {
  return new AmqpError(
    "com.microsoft:entity-disabled",
    `Messaging entity '${path}' is currently disabled.`,
  );
}
