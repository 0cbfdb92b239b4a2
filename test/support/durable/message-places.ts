/** Where a message can be found: `absent` is nowhere. */
export type Place = "absent" | "active" | "deferred" | "dead" | "scheduled";

/** What is known of one message from the answers that came, while others may have got lost. */
interface Known {
  /** Where it may be. */
  readonly places: ReadonlySet<Place>;
  /** The delivery counts that it may have while it is active or deferred. */
  readonly counts: readonly [least: number, most: number];
}

/** A message as it was found. */
export interface Found {
  readonly place: Place;
  readonly deliveryCount: number;
}

/**
 * What a client may expect of a broker that can be killed at any moment: an operation that was answered
 * has happened, one that was not has happened or not.
 */
export class MessagePlaces {
  readonly #known = new Map<string, Known>();
  #acknowledgedCount = 0;

  /** How many operations were answered. */
  get acknowledgedCount(): number {
    return this.#acknowledgedCount;
  }

  get ids(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Moves messages to a place by an operation that succeeds, or whose answer gets lost. */
  async move(ids: readonly string[], to: Place, operation: () => Promise<unknown>): Promise<void> {
    for (const id of ids) {
      const known = this.#of(id);
      this.#known.set(id, { ...known, places: new Set([...known.places, to]) });
    }
    await operation();
    this.#acknowledgedCount += ids.length;
    for (const id of ids) {
      this.#known.set(id, { ...this.#of(id), places: new Set<Place>([to]) });
    }
  }

  /** A message was delivered under a lock, as the broker counts it. */
  delivered(id: string, deliveryCount: number): void {
    // A lock that is lost with the broker is a delivery without success.
    const counts = [deliveryCount + 1, deliveryCount + 1] as const;
    this.#known.set(id, { ...this.#of(id), counts });
  }

  /** Says what is wrong with what was found after a restart; nothing when all is as it may be. */
  problems(found: ReadonlyMap<string, readonly Found[]>): readonly string[] {
    const problems: string[] = [];
    for (const id of new Set([...this.#known.keys(), ...found.keys()])) {
      const { places, counts } = this.#of(id);
      const [copy, ...others] = found.get(id) ?? [];
      const place = copy?.place ?? "absent";
      const count = copy?.deliveryCount ?? 0;
      if (others.length > 0) {
        problems.push(`${id} is there ${others.length + 1} times.`);
      }
      if (!places.has(place)) {
        problems.push(`${id} is ${place}, and may be ${[...places].join(" or ")}.`);
      }
      if (place === "active" && (count < counts[0] || count > counts[1])) {
        problems.push(`${id} has the count ${count}, and may have ${counts.join(" to ")}.`);
      }
    }
    return problems;
  }

  /** Takes what was found for certain; nothing is locked any more. */
  settle(found: ReadonlyMap<string, readonly Found[]>): void {
    for (const id of this.#known.keys()) {
      const [copy] = found.get(id) ?? [];
      const count = copy?.deliveryCount ?? 0;
      this.#known.set(id, {
        places: new Set([copy?.place ?? "absent"]),
        // A delivery that did not reach the client any more counts, too.
        counts: [count, count + 1],
      });
    }
  }

  #of(id: string): Known {
    return this.#known.get(id) ?? { places: new Set(["absent"]), counts: [0, 1] };
  }
}
