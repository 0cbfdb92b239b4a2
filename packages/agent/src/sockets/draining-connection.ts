import type { DrainHazard } from "@fleetquake/contract";
import type { ClientRow } from "../control/redis-control.ts";
import { holdWrites, releaseWrites } from "./hold-writes.ts";
import { resetSocket } from "./reset-socket.ts";
import type { TrackedConnection } from "./tracked-connection.ts";
import { TransactionWatch } from "./transaction-watch.ts";

/** How far the drain of a connection has come; `gone`: somebody else closed it meanwhile. */
export type DrainPhase = "draining" | "ending" | "drained" | "interrupted" | "gone";

/** One connection on its way through a drain. */
export class DrainingConnection {
  readonly connection: TrackedConnection;
  readonly #transaction: TransactionWatch;
  #phase: DrainPhase = "draining";
  #isHeld = false;
  #wasInTransaction = false;
  #row: ClientRow | null = null;
  /** What had been written when its server was last asked about it; null: not yet. */
  writtenAtLastPoll: number | null = null;

  constructor(connection: TrackedConnection) {
    this.connection = connection;
    this.#transaction = new TransactionWatch(connection.socket, () =>
      this.#holdUnlessInTransaction(),
    );
    connection.socket.once("close", () => this.#close());
    // A held socket does not answer the server's end by itself.
    connection.socket.once("end", () => this.release());
  }

  get phase(): DrainPhase {
    return this.#phase;
  }

  /** The server's last word on it; null when the server could not be asked about it. */
  get row(): ClientRow | null {
    return this.#row;
  }

  /** No new command shall go out from now on; a transaction may go on to its end. */
  hold(): void {
    this.#isHeld = true;
    this.#holdUnlessInTransaction();
  }

  /** Takes what the server says of the connection. */
  readRow(row: ClientRow): void {
    this.#row = row;
    this.#transaction.readRow(row);
    if (row.subscriptions > 0) {
      this.connection.kind = "subscriber";
    } else if (row.flags.includes("b")) {
      this.connection.kind = "blocking";
    }
    this.#wasInTransaction ||= this.#transaction.isInside;
    if (this.#isHeld) {
      this.#holdUnlessInTransaction();
    }
  }

  /** Whether all that was written has left the process, outside of a transaction. */
  get isQuietHere(): boolean {
    return this.connection.socket.writableLength === 0 && !this.#transaction.isInside;
  }

  /** Says goodbye: what the server has answered still arrives, then the application sees a clean end. */
  release(): void {
    if (this.#phase !== "draining") {
      return;
    }
    this.#phase = "ending";
    this.#transaction.end();
    releaseWrites(this.connection.socket);
    this.connection.socket.end();
  }

  /** Cuts it, if it is not closed by now. */
  cut(): void {
    if (this.#phase !== "draining" && this.#phase !== "ending") {
      return;
    }
    this.#phase = "interrupted";
    this.#transaction.end();
    releaseWrites(this.connection.socket);
    resetSocket(this.connection.socket);
  }

  /** Circumstances under which closing it may have hurt the application. */
  hazards(): DrainHazard[] {
    const hazards: DrainHazard[] = [];
    if (this.#wasInTransaction) {
      hazards.push("transaction");
    }
    if (this.connection.kind === "subscriber") {
      hazards.push("subscriber");
    } else if (this.connection.kind !== "blocking" && (this.#row?.watch ?? null) === null) {
      hazards.push("watch-not-visible");
    }
    if (this.#row?.flags.includes("O") === true) {
      hazards.push("monitor");
    }
    return hazards;
  }

  #holdUnlessInTransaction(): void {
    if (this.#phase !== "draining") {
      return;
    }
    const { isInside } = this.#transaction;
    this.#wasInTransaction ||= isInside;
    if (this.#isHeld && !isInside) {
      holdWrites(this.connection.socket);
    } else {
      releaseWrites(this.connection.socket);
    }
  }

  #close(): void {
    this.#transaction.end();
    if (this.#phase === "ending") {
      this.#phase = "drained";
    } else if (this.#phase === "draining") {
      this.#phase = "gone";
    }
  }
}
