import type { Clock, CommandOpened, ExpectedReplica } from "@fleetquake/contract";

interface Assembly {
  readonly parts: Map<number, readonly ExpectedReplica[]>;
  readonly expectedParts: number;
  readonly issuer: string;
  readonly startedInMs: number;
  rows: number;
}

const MAX_ASSEMBLIES = 32;
const MAX_PARTS = 1_000;
/** Also the most rows that one entry opens with. */
const MAX_ROWS = 20_000;
const KEPT_IN_MS = 60_000;

/** Puts the parts of a command's opening together; what never becomes whole is forgotten. */
export class OpenedAssembler {
  readonly #clock: Clock;
  readonly #assemblies = new Map<string, Assembly>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes a part in; parts may come in any order and more than once.
   * @returns everybody who is expected once all parts are there, else null.
   */
  add(opened: CommandOpened): ExpectedReplica[] | null {
    if (opened.part >= opened.parts || opened.parts > MAX_PARTS) {
      return null;
    }
    const assembly = this.#assemblies.get(opened.command_id) ?? this.#start(opened);
    if (assembly.expectedParts !== opened.parts || assembly.issuer !== opened.issuer) {
      return null;
    }
    if (!assembly.parts.has(opened.part)) {
      assembly.parts.set(opened.part, opened.expected);
      assembly.rows += opened.expected.length;
    }
    if (assembly.rows > MAX_ROWS) {
      this.#assemblies.delete(opened.command_id);
      return null;
    }
    if (assembly.parts.size < assembly.expectedParts) {
      return null;
    }
    this.#assemblies.delete(opened.command_id);
    return [...assembly.parts]
      .toSorted(([first], [second]) => first - second)
      .flatMap(([, expected]) => expected);
  }

  /** Forgets what has been waiting for its other parts for too long. */
  prune(): void {
    const oldestInMs = this.#clock.monotonicInMs() - KEPT_IN_MS;
    for (const [commandId, assembly] of this.#assemblies) {
      if (assembly.startedInMs < oldestInMs) {
        this.#assemblies.delete(commandId);
      }
    }
  }

  #start(opened: CommandOpened): Assembly {
    const [oldest] = this.#assemblies.keys();
    if (this.#assemblies.size >= MAX_ASSEMBLIES && oldest !== undefined) {
      this.#assemblies.delete(oldest);
    }
    const assembly: Assembly = {
      parts: new Map(),
      expectedParts: opened.parts,
      issuer: opened.issuer,
      startedInMs: this.#clock.monotonicInMs(),
      rows: 0,
    };
    this.#assemblies.set(opened.command_id, assembly);
    return assembly;
  }
}
