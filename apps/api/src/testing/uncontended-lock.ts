import type { FleetLock, HeldLock } from "@fleetquake/coordinator";

/** Locks that nobody else wants, with their records in memory. */
export class UncontendedLock implements FleetLock {
  readonly records = new Map<string, object | null>();

  withLock<T>(name: string, use: (held: HeldLock) => Promise<T>): Promise<T> {
    return use({
      read: () => Promise.resolve(this.records.get(name) ?? null),
      write: async (record) => {
        this.records.set(name, record);
      },
    });
  }
}
