import type { CloseReport, Command, Fault, LoadReport } from "@fleetquake/contract";

export interface InjectOptions {
  /** By the monotonic clock: what has not begun by then must not begin any more. */
  readonly expiresAtMonotonicInMs: number;
  /** The command's `issued_at` by the monotonic clock: what lasts for a time is counted from here. */
  readonly issuedAtMonotonicInMs: number;
  /** To be called with the moment (monotonic clock) at which the fault was in effect; not called: when it was injected. */
  readonly onInjected: (atMonotonicInMs: number) => void;
}

/** What an injected fault says of itself; connections are nothing but zeros where none was touched. */
export interface InjectReport extends CloseReport {
  readonly load?: LoadReport;
}

/** One fault as a replica injects it into its own process. */
export interface ReplicaFault {
  /** The name by which commands ask for it and applications consent to it. */
  readonly name: Fault;
  /**
   * Injects the fault once; commands of one fault are run one after another.
   * @throws {CloseExpiredError} when it did not begin in time; nothing was done.
   * @throws {FaultRefusedError} when the process cannot give what was asked for; nothing was done.
   * @throws when it failed; `code` of the error, where it has one, becomes the acknowledgement's.
   */
  inject(command: Command, options: InjectOptions): Promise<InjectReport>;
}
