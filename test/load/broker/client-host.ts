// A process of the benchmark: many replicas of one kind, which answer until their parent is gone.
import { inWaves } from "../fleet-reset/in-waves.ts";
import { startReplica } from "./clients.ts";
import type { ClientKind } from "./fan-out.ts";

/** What the benchmark sends first. */
export interface ClientOrder {
  readonly kind: ClientKind;
  readonly connectionString: string;
  readonly first: number;
  readonly count: number;
}

process.once("message", ({ kind, connectionString, first, count }: ClientOrder) => {
  const indexes = Array.from({ length: count }, (_, index) => first + index);
  void inWaves(indexes, (index) => startReplica(kind, connectionString, index)).then(
    () => process.send?.({ ready: true }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.once("disconnect", () => process.exit(0));
