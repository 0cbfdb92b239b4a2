import type { CloseReport, RedisState } from "@fleetquake/contract";
import { emptyCloseReport } from "../empty-close-report.ts";
import type { CloseOptions, ConnectionSet, RecoveryObservation } from "../ports/connection-set.ts";

/** Connections that are only numbers: keeps what it was asked to close and answers as it is told to. */
export class RecordedConnections implements ConnectionSet {
  readonly closes: CloseOptions[] = [];
  standing = 3;
  observation: RecoveryObservation | null = null;
  answer: (options: CloseOptions) => Promise<CloseReport> = () =>
    Promise.resolve({ ...emptyCloseReport(), connections_closed: this.standing });

  /** Lets closes wait until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.answer = async () => {
      await held;
      return emptyCloseReport();
    };
    return release;
  }

  state(): RedisState {
    return {
      connected: true,
      enabled: true,
      connection_count: this.standing,
      connections: { command: this.standing, blocking: 0, subscriber: 0, unknown: 0 },
      unseen: 0,
      last_reset: null,
    };
  }

  close(options: CloseOptions): Promise<CloseReport> {
    this.closes.push(options);
    return this.answer(options);
  }

  recovery(): RecoveryObservation | null {
    return this.observation;
  }
}
