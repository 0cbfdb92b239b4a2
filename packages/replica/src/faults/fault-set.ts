import type { ActiveFault, BrokerTime, Clock } from "@fleetquake/contract";
import type { ConnectionSet } from "../ports/connection-set.ts";
import type { HangSwitch } from "../ports/hang-switch.ts";
import type { LoadGenerator } from "../ports/load-generator.ts";
import type { RedisBlockSwitch } from "../ports/redis-block-switch.ts";
import type { TokenExpirySwitch } from "../ports/token-expiry-switch.ts";
import { hang } from "./hang.ts";
import type { LastingFault } from "./lasting-fault.ts";
import { load } from "./load.ts";
import { redisBlock } from "./redis-block.ts";
import { redisReset } from "./redis-reset.ts";
import type { ReplicaFault } from "./replica-fault.ts";
import { tokenExpiry } from "./token-expiry.ts";

/** What a process can do to itself; what is absent it does not know. */
export interface FaultPorts {
  readonly connections: ConnectionSet;
  readonly load?: LoadGenerator;
  readonly hang?: HangSwitch;
  readonly redisBlock?: RedisBlockSwitch;
  readonly tokenExpiry?: TokenExpirySwitch;
}

/** The faults of one replica. */
export class FaultSet {
  readonly #faults = new Map<string, ReplicaFault>();
  readonly #lasting: LastingFault[] = [];

  constructor(ports: FaultPorts, options: { readonly clock: Clock; readonly time: BrokerTime }) {
    const block = ports.redisBlock === undefined ? null : redisBlock(ports.redisBlock, options);
    if (block !== null) {
      this.#lasting.push(block);
    }
    if (ports.load !== undefined) {
      this.#lasting.push(load(ports.load, options));
    }
    if (ports.hang !== undefined) {
      this.#lasting.push(hang(ports.hang, options));
    }
    if (ports.tokenExpiry !== undefined) {
      this.#lasting.push(tokenExpiry(ports.tokenExpiry, options));
    }
    for (const fault of [redisReset(ports.connections, block), ...this.#lasting]) {
      this.#faults.set(fault.name, fault);
    }
  }

  find(name: string): ReplicaFault | undefined {
    return this.#faults.get(name);
  }

  /** What runs at this moment. */
  active(): ActiveFault[] {
    return this.#lasting.flatMap(({ active }) => (active === null ? [] : [active]));
  }

  /**
   * Ends a fault, or all of them; resolves when they are gone.
   * @returns the names of those that ran.
   * @throws when one could not be ended.
   */
  async recover(name?: string): Promise<string[]> {
    const chosen = this.#lasting.filter((fault) => name === undefined || fault.name === name);
    const ended = await Promise.all(
      chosen.map(async (fault) => ((await fault.recover()) ? [fault.name] : [])),
    );
    return ended.flat();
  }

  /** Stops all timers without ending anything. */
  close(): void {
    for (const fault of this.#lasting) {
      fault.close();
    }
  }
}
