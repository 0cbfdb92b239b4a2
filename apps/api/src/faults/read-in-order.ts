import type { Refusal } from "@fleetquake/coordinator";
import { refusalProblem } from "./refusal-problem.ts";

/**
 * Reads a request in the contract's order: while a fault of its kind is at work, a wrong request is told that before what
 * is wrong with it.
 * @throws what `read` throws, or the conflict.
 */
export function readInOrder<T>(read: () => T, conflict: () => Refusal | null): T {
  try {
    return read();
  } catch (error) {
    const refusal = conflict();
    throw refusal === null ? error : refusalProblem(refusal, error);
  }
}
