import type { Change } from "../entities/change.ts";
import type { SubQueue } from "../entities/entity-name.ts";
import type { MessageState } from "../messages/message-state.ts";

/** The numbers by which the journal tells changes apart. A number that was used is never used again. */
export const changeCodes = {
  "entity-set": 1,
  "entity-removed": 2,
  "rule-set": 3,
  "rule-removed": 4,
  "message-put": 5,
  "message-locked": 6,
  "message-removed": 7,
  "session-state-set": 8,
  scheduled: 9,
  unscheduled: 10,
  "id-used": 11,
  "ids-forgotten": 12,
  "number-used": 13,
} as const satisfies Readonly<Record<Change["kind"], number>>;

/** The numbers of an entity's messages and of its queues of dead letters. */
export const boxCodes: Readonly<Record<SubQueue, number>> = {
  none: 0,
  deadLetter: 1,
  transferDeadLetter: 2,
};

/** The numbers of the states of a message. */
export const stateCodes: Readonly<Record<MessageState, number>> = {
  active: 0,
  deferred: 1,
  scheduled: 2,
};

/** Finds what a number stands for. @throws Error when it stands for nothing. */
export function meaningOf<Name extends string>(
  codes: Readonly<Record<Name, number>>,
  code: number,
): Name {
  for (const name in codes) {
    if (codes[name] === code) {
      return name;
    }
  }
  throw new Error(`The journal holds the number ${code}, which stands for nothing.`);
}
