import type { BusConnection } from "../bus-connection.ts";

/** A broker under test. */
export interface ConformanceBroker extends AsyncDisposable {
  readonly connection: BusConnection;
  /** Ends the broker and brings it back at the same address with nothing of what it held; absent: cannot be done. */
  readonly restart?: () => Promise<void>;
}
