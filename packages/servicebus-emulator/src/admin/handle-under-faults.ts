import { AmqpError } from "../amqp/amqp-error.ts";
import type { FaultHooks } from "../faults/fault-hooks.ts";
import { managementCredits } from "../nodes/operation-credits.ts";
import type { AdminRequest, AdminResponse } from "./admin-request.ts";
import type { AdminService } from "./admin-service.ts";
import { writeError } from "./atom.ts";

/**
 * Answers a request to the admin REST: after the thaw while frozen, 503 without credits, and 500 when the disk
 * takes no changes.
 */
export async function handleUnderFaults(
  request: AdminRequest,
  service: AdminService,
  faults: FaultHooks,
): Promise<AdminResponse> {
  await faults.thaw;
  if (faults.refusesChanges !== undefined && request.method !== "GET") {
    const { message } = faults.refusesChanges;
    return { status: 500, body: writeError(500, `SubCode=50000. ${message}`) };
  }
  try {
    faults.credits?.spend(managementCredits);
  } catch (error) {
    if (!(error instanceof AmqpError)) {
      throw error;
    }
    return { status: 503, body: writeError(503, `SubCode=50009. ${error.message}`) };
  }
  return service.handle(request);
}
