import { JsonObjectReader } from "../json/json-object-reader.ts";
import type { JsonProblem } from "../json/json-problem.ts";
import type { FaultTarget } from "./fault.ts";
import type { FaultName, FaultOptions } from "./fault-options.ts";
import { FaultRefusedError } from "./fault-refused-error.ts";
import { faults } from "./faults.ts";

/** What became of a fault that was started. */
export interface FaultReport {
  readonly name: FaultName;
  /** True while it lasts; false for one that was over at once. */
  readonly isOn: boolean;
  /** When it ends by itself, in ISO 8601. */
  readonly endsAt?: string;
  /** How many links, locks, connections or entities a fault hit that was over at once. */
  readonly affected?: number;
}

/** Makes a broker fail on purpose. */
export interface BrokerFaults {
  /** The faults that are on. */
  readonly active: readonly FaultReport[];
  /**
   * Starts a fault, in the place of the same one if it is on.
   *
   * @throws FaultRefusedError when an option is not valid.
   * @throws EntityError when it names an entity that is not there.
   */
  start<Name extends FaultName>(name: Name, options: FaultOptions[Name]): FaultReport;
  /** Ends a fault; false when it was not on. */
  stop(name: FaultName): boolean;
}

interface ActiveFault {
  readonly report: FaultReport;
  end(): void;
}

const longestInMs = 3_600_000;

/** The faults of one broker: which are on, and until when. */
export class FaultSwitches implements BrokerFaults {
  readonly #target: FaultTarget;
  readonly #active = new Map<FaultName, ActiveFault>();

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  get active(): readonly FaultReport[] {
    return Array.from(this.#active.values(), ({ report }) => report);
  }

  /** The options are checked whatever their type says: they may come from outside. */
  start(name: FaultName, options: unknown): FaultReport {
    const fault = faults[name];
    const problems: JsonProblem[] = [];
    const reader = new JsonObjectReader(options ?? {}, "", problems);
    const begin = fault.prepare(reader);
    const durationInMs = fault.canLast
      ? reader.wholeNumber("durationInMs", { min: 1, max: longestInMs })
      : undefined;
    reader.refuseRest();
    const distinct = [...new Map(problems.map((one) => [one.member, one])).values()];
    if (distinct.length > 0) {
      throw new FaultRefusedError(name, distinct);
    }
    this.stop(name);
    const started = begin(this.#target);
    if (started.kind === "done") {
      return { name, isOn: false, affected: started.affected };
    }
    return this.#keep(name, started.end, durationInMs);
  }

  stop(name: FaultName): boolean {
    const active = this.#active.get(name);
    this.#active.delete(name);
    active?.end();
    return active !== undefined;
  }

  /** Ends every fault; the broker is closing. */
  close(): void {
    for (const name of this.#active.keys()) {
      this.stop(name);
    }
  }

  #keep(name: FaultName, end: () => void, durationInMs: number | undefined): FaultReport {
    if (durationInMs === undefined) {
      const report = { name, isOn: true };
      this.#active.set(name, { report, end });
      return report;
    }
    const { clock } = this.#target;
    const endsAt = new Date(clock.now() + durationInMs).toISOString();
    const report = { name, isOn: true, endsAt };
    const cancel = clock.schedule(durationInMs, () => this.stop(name));
    this.#active.set(name, {
      report,
      end: () => {
        cancel();
        end();
      },
    });
    return report;
  }
}
