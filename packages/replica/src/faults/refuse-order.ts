import type { Command } from "@fleetquake/contract";
import { FaultRefusedError } from "../fault-refused-error.ts";

/** @throws {FaultRefusedError} always: this process does not know what the command orders. */
export function refuseOrder({ fault, action }: Command): never {
  throw new FaultRefusedError("UNKNOWN_FAULT", `This replica does not know ${fault}:${action}.`);
}
