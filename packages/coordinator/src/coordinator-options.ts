import type { BusTier, Clock, Log } from "@fleetquake/contract";
import type { FleetObserver } from "./fleet-observer.ts";
import type { CommandBus } from "./ports/command-bus.ts";
import type { FleetLock } from "./ports/fleet-lock.ts";

/** What a coordinator is made of; it starts the bus and leaves closing it to whoever made it. */
export interface CoordinatorOptions {
  readonly bus: CommandBus;
  readonly lock: FleetLock;
  readonly clock: Clock;
  /** Names this API instance in commands, in the record and in refusals; unique in the fleet. */
  readonly issuer: string;
  /** From the moment a command is accepted, in milliseconds, over all API replicas. */
  readonly coolDownInMs: number;
  /** What the pace below is made for; shown in the status. */
  readonly busTier: BusTier;
  /** The shortest heartbeat interval that replicas are asked for, in milliseconds. */
  readonly heartbeatIntervalInMs: number;
  /** Heartbeats of the whole fleet per second: the interval grows to N / this. */
  readonly heartbeatsPerSecond: number;
  /** The shortest deadline that a fleet of this size can meet, in milliseconds. */
  readonly deadlineFloorInMs: (expectedReplicas: number) => number;
  /**
   * The replica that this API is itself, if it embeds an agent: the roster is not ready before that one has been heard,
   * since a reset would leave this API's own connections out and say that it was complete.
   */
  readonly ownReplica?: { readonly replicaId: string; readonly instanceId: string };
  /** The fleet was halted, here or elsewhere: what this API itself does to somebody shall end, too. */
  readonly onHalted?: () => void;
  readonly log: Log;
  /** Is told every event after it. @default nobody */
  readonly observer?: FleetObserver;
  /**
   * Draws from [0, 1) for targets by percent or count.
   * @default Math.random
   */
  readonly random?: () => number;
}
