import { FAULTS, type CommandFault } from "@fleetquake/contract";
import { CoolDown, type CommandKnowledge, type Standing } from "./cool-down.ts";
import type { FaultRecord } from "./records/fault-record.ts";

/** What the accepted commands of every fault still forbid. */
export class Standings {
  readonly #coolDowns: ReadonlyMap<CommandFault, CoolDown>;

  constructor() {
    this.#coolDowns = new Map([...FAULTS, "halt" as const].map((fault) => [fault, new CoolDown()]));
  }

  observe(fault: CommandFault, record: FaultRecord): void {
    this.#of(fault).observe(record);
  }

  /** The command, of whichever fault, was certainly not published: it consumes nothing and lasts for no time. */
  voidCommand(commandId: string): void {
    for (const coolDown of this.#coolDowns.values()) {
      coolDown.voidCommand(commandId);
    }
  }

  isVoid(commandId: string): boolean {
    return [...this.#coolDowns.values()].some((coolDown) => coolDown.isVoid(commandId));
  }

  /** The highest epoch of any command seen here. */
  get highestEpoch(): number {
    return Math.max(0, ...[...this.#coolDowns.values()].map(({ highestEpoch }) => highestEpoch));
  }

  /**
   * What stands for a fault at a moment of broker time. A reset that keeps connections out is a block, too; a halt ended
   * whatever lasted before it.
   */
  standing(fault: CommandFault, nowInMs: number, knowledge: CommandKnowledge): Standing {
    const haltedEpoch = this.#of("halt").latestEpoch("inject");
    const standing = this.#of(fault).standing(nowInMs, knowledge, haltedEpoch);
    if (fault !== "redis-block") {
      return standing;
    }
    const endedEpoch = Math.max(haltedEpoch, this.#of(fault).latestEpoch("recover"));
    const byReset = this.#of("redis-reset").standing(nowInMs, knowledge, endedEpoch);
    return { ...standing, active: standing.active ?? byReset.active };
  }

  #of(fault: CommandFault): CoolDown {
    const coolDown = this.#coolDowns.get(fault);
    if (coolDown === undefined) {
      throw new TypeError(`${fault} is no fault`);
    }
    return coolDown;
  }
}
