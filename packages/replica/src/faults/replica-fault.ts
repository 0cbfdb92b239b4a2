import type { CloseReport, Command } from "@fleetquake/contract";

export interface InjectOptions {
  /** By the monotonic clock: what has not begun by then must not begin any more. */
  readonly expiresAtMonotonicInMs: number;
  /** To be called with the moment (monotonic clock) at which the fault was in effect; not called: when it was injected. */
  readonly onInjected: (atMonotonicInMs: number) => void;
}

/** One fault as a replica injects it into its own process. */
export interface ReplicaFault {
  /** The name by which commands ask for it and applications consent to it. */
  readonly name: string;
  /**
   * Injects the fault once; commands are run one after another.
   * @throws {CloseExpiredError} when it did not begin in time; nothing was done.
   * @throws when it failed; `code` of the error, where it has one, becomes the acknowledgement's.
   */
  inject(command: Command, options: InjectOptions): Promise<CloseReport>;
}
