import { replicaSubscriptionName, TOPOLOGY } from "@fleetquake/bus";
import { setTimeout as pause } from "node:timers/promises";
import type { FaultName, FaultOptions } from "@fleetquake/servicebus-emulator";
import { shiftedClock, type MatrixFleet } from "./matrix-fleet.ts";

/** One way in which the bus, or a replica's clock, fails. */
export interface MatrixFault {
  readonly name: string;
  /** How long it stands before it ends. */
  readonly holdsInMs: number;
  /** Within which the fleet is whole again after the end. */
  readonly wholeWithinInMs: number;
  /** Whether it strikes into a reset that is on its way already; all others stand before it is asked for. */
  readonly strikesIntoReset: boolean;
  /** What a process that starts under the fault is started with. */
  readonly newcomerEnv?: NodeJS.ProcessEnv;
  readonly strike: (matrix: MatrixFleet) => Promise<unknown>;
  readonly end: (matrix: MatrixFleet) => Promise<unknown>;
}

const WHOLE_WITHIN_IN_MS = 5_000;
const WHOLE_AFTER_A_FREEZE_WITHIN_IN_MS = 10_000;
const TEN_MINUTES_IN_MS = 600_000;

function lasting<Name extends FaultName>(
  fault: Name,
  options: FaultOptions[Name],
  rest: Pick<MatrixFault, "name" | "holdsInMs"> & Partial<MatrixFault>,
): MatrixFault {
  return {
    wholeWithinInMs: WHOLE_WITHIN_IN_MS,
    strikesIntoReset: false,
    strike: ({ switches }) => switches.start(fault, options),
    end: ({ switches }) => switches.stop(fault),
    ...rest,
  };
}

function atOnce(name: string, strike: MatrixFault["strike"]): MatrixFault {
  return {
    name,
    holdsInMs: 0,
    wholeWithinInMs: WHOLE_WITHIN_IN_MS,
    strikesIntoReset: true,
    strike,
    end: () => Promise.resolve(),
  };
}

function killedFor(seconds: number): MatrixFault {
  return {
    name: `broker killed, back after ${seconds} s`,
    holdsInMs: seconds * 1_000,
    wholeWithinInMs: WHOLE_WITHIN_IN_MS,
    strikesIntoReset: true,
    strike: ({ fleet }) => fleet.killBroker(),
    end: ({ fleet }) => fleet.restartBroker(),
  };
}

function clockOff(shiftInMs: number): MatrixFault {
  return {
    name: `clock of a replica off by ${shiftInMs / 60_000} minutes`,
    holdsInMs: 1_000,
    wholeWithinInMs: WHOLE_WITHIN_IN_MS,
    strikesIntoReset: false,
    newcomerEnv: shiftedClock(shiftInMs),
    strike: async (matrix) => {
      await matrix.shiftClock(shiftInMs);
      // As long as the replica takes to look at its clock's file.
      await pause(100);
    },
    end: (matrix) => matrix.shiftClock(0),
  };
}

async function deleteSubscriptionOfReplica(matrix: MatrixFleet): Promise<void> {
  const { replica_id: id, instance_id: instance } = await matrix.replica("worker-1");
  const entity = `${TOPOLOGY.commandsTopic}/Subscriptions/${replicaSubscriptionName(id, instance)}`;
  await matrix.switches.start("delete-entity", { entity });
}

async function deleteSubscriptionOfApi({ switches }: MatrixFleet): Promise<void> {
  const { topics } = await switches.describe();
  const events = topics.find(({ name }) => name === TOPOLOGY.eventsTopic);
  const entity = `${TOPOLOGY.eventsTopic}/Subscriptions/${events?.subscriptions[0]?.name}`;
  await switches.start("delete-entity", { entity });
}

/** Every fault of the matrix. */
export const MATRIX_FAULTS = {
  frozen: lasting(
    "freeze",
    {},
    {
      name: "broker frozen",
      // Longer than an API (6 s) and a replica need to notice.
      holdsInMs: 6_500,
      wholeWithinInMs: WHOLE_AFTER_A_FREEZE_WITHIN_IN_MS,
      strikesIntoReset: true,
    },
  ),
  frozenBriefly: lasting(
    "freeze",
    {},
    {
      name: "broker frozen for a moment",
      holdsInMs: 1_500,
      wholeWithinInMs: WHOLE_AFTER_A_FREEZE_WITHIN_IN_MS,
      strikesIntoReset: true,
    },
  ),
  killedFor1s: killedFor(1),
  killedFor10s: killedFor(10),
  killedFor60s: killedFor(60),
  dropped: atOnce("connections dropped", ({ switches }) => switches.start("drop-connections", {})),
  deletedOfReplica: atOnce("subscription of a replica deleted", deleteSubscriptionOfReplica),
  deletedOfApi: atOnce("subscription of an API deleted", deleteSubscriptionOfApi),
  duplicated: lasting(
    "duplicate-deliveries",
    {},
    { name: "deliveries duplicated", holdsInMs: 1_000 },
  ),
  reordered: lasting(
    "reorder-deliveries",
    { windowInMs: 300 },
    { name: "deliveries reordered", holdsInMs: 1_000 },
  ),
  delayed: lasting(
    "delay-deliveries",
    { delayInMs: 700 },
    { name: "deliveries delayed", holdsInMs: 1_500 },
  ),
  delayedTooLong: lasting(
    "delay-deliveries",
    { delayInMs: 4_000 },
    { name: "deliveries delayed beyond the deadline", holdsInMs: 6_000 },
  ),
  throttled: lasting(
    "throttle",
    // The heartbeats of seven replicas alone cost 35.
    { creditsPerSecond: 20 },
    { name: "broker throttled", holdsInMs: 2_500 },
  ),
  receiptsLost: lasting(
    "lose-settlements",
    { loses: "receipt" },
    { name: "receipts of sent messages lost", holdsInMs: 3_000 },
  ),
  settlementsLost: lasting("lose-settlements", {}, { name: "settlements lost", holdsInMs: 1_000 }),
  clockAhead: clockOff(TEN_MINUTES_IN_MS),
  clockBehind: clockOff(-TEN_MINUTES_IN_MS),
} as const satisfies Readonly<Record<string, MatrixFault>>;

export type MatrixFaultName = keyof typeof MATRIX_FAULTS;
