import type { ServiceBusMessage } from "@azure/service-bus";
import { TOPOLOGY } from "@fleetquake/bus";
import { overhearCommands } from "../overheard-commands.ts";
import type { MatrixFleet } from "./matrix-fleet.ts";

/**
 * Overhears what is published while something runs.
 * @returns what sends the command among it once more, as it travelled.
 */
export async function overhearCommand(
  matrix: MatrixFleet,
): Promise<AsyncDisposable & { deliverAgain(): Promise<void> }> {
  const ears = await overhearCommands({ connectionString: matrix.fleet.busConnectionString });
  return {
    async deliverAgain() {
      let message = await ears.next();
      while (!isCommand(message)) {
        message = await ears.next();
      }
      await ears.send(message);
    },
    async [Symbol.asyncDispose]() {
      await ears[Symbol.asyncDispose]();
      const entity = `${TOPOLOGY.commandsTopic}/Subscriptions/overheard`;
      await matrix.switches.start("delete-entity", { entity });
    },
  };
}

function isCommand({ body }: ServiceBusMessage): boolean {
  return String(body).includes('"type":"command"');
}
