import type { AcknowledgementBody } from "@fleetquake/contract";

/** Far more than a fleet sends within a command's life of a minute, and still less than a megabyte. */
const CAPACITY = 1_000;

/** What the replica knows of a command id: being worked on, answered, or (undefined) never seen. */
export type AnswerState = "pending" | AcknowledgementBody | undefined;

/** The commands a replica has seen last, with its answers: a command that comes twice is executed once. */
export class AnsweredCommands {
  readonly #answers = new Map<string, "pending" | AcknowledgementBody>();
  readonly #capacity: number;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  find(commandId: string): AnswerState {
    return this.#answers.get(commandId);
  }

  /** Remembers that a command has been taken in; the one seen longest ago is forgotten for it. */
  begin(commandId: string): void {
    this.#put(commandId, "pending");
  }

  settle(acknowledgement: AcknowledgementBody): void {
    this.#put(acknowledgement.command_id, acknowledgement);
  }

  get size(): number {
    return this.#answers.size;
  }

  #put(commandId: string, answer: "pending" | AcknowledgementBody): void {
    this.#answers.delete(commandId);
    this.#answers.set(commandId, answer);
    if (this.#answers.size > this.#capacity) {
      const [oldest] = this.#answers.keys();
      this.#answers.delete(oldest ?? "");
    }
  }
}
