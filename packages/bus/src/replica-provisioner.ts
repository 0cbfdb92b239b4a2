import type { Clock } from "@fleetquake/contract";
import type { BusAdministration } from "./bus-administration.ts";
import { replicaSubscriptionName } from "./subscription-names.ts";
import { TOPOLOGY } from "./topology.ts";

/**
 * A roll-call makes every replica say hello, and a management request costs ten messages' worth of the namespace's
 * budget: what exists is not asked for again within this span.
 */
const REMEMBERED_FOR_IN_MS = 30_000;

/** Management requests at once; a namespace takes 50 a second. */
const CONCURRENCY = 8;

/** Creates the subscriptions of replicas that may not create their own. */
export class ReplicaProvisioner {
  readonly #administration: BusAdministration;
  readonly #clock: Clock;
  /** By subscription, when it was last known to exist; in the order of that time. */
  readonly #knownSinceInMs = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<void>>();
  #queue: (() => void)[] = [];
  #running = 0;

  constructor(administration: BusAdministration, clock: Clock) {
    this.#administration = administration;
    this.#clock = clock;
  }

  /**
   * Makes sure that a replica's subscription exists.
   * @throws when the management API cannot be reached or refuses.
   */
  provision(replicaId: string, instanceId: string): Promise<void> {
    const subscription = replicaSubscriptionName(replicaId, instanceId);
    this.#forgetOld();
    if (this.#knownSinceInMs.has(subscription)) {
      return Promise.resolve();
    }
    const known = this.#underWay.get(subscription);
    if (known !== undefined) {
      return known;
    }
    const creation = this.#create(subscription).finally(() => this.#underWay.delete(subscription));
    this.#underWay.set(subscription, creation);
    return creation;
  }

  /** The broker was lost, and what it had may be lost with it. */
  forget(): void {
    this.#knownSinceInMs.clear();
  }

  async #create(subscription: string): Promise<void> {
    await this.#turn();
    try {
      await this.#administration.ensureSubscription(TOPOLOGY.commandsTopic, subscription);
      this.#knownSinceInMs.set(subscription, this.#clock.monotonicInMs());
    } finally {
      this.#running -= 1;
      this.#queue.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= CONCURRENCY) {
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve);
      });
    }
    this.#running += 1;
  }

  #forgetOld(): void {
    const oldestInMs = this.#clock.monotonicInMs() - REMEMBERED_FOR_IN_MS;
    for (const [subscription, sinceInMs] of this.#knownSinceInMs) {
      if (sinceInMs > oldestInMs) {
        return;
      }
      this.#knownSinceInMs.delete(subscription);
    }
  }
}
