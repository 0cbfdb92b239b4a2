import type { FleetNews } from "@fleetquake/contract";
import type { EventOrigin } from "./ports/command-bus.ts";

/** Who is told what a coordinator learns; it is called on the way of a reset, so it must be quick, and must not throw. */
export interface FleetObserver {
  /**
   * An event of the fleet, once it is in the books; not what is only repeated for whoever missed it. `enqueuedAtInMs` is the
   * broker's stamp, ms since 1970.
   */
  onEvent(event: FleetNews, enqueuedAtInMs: number, origin: EventOrigin): void;
  /** The bus is there (again): events may have been missed. */
  onConnected(): void;
}
