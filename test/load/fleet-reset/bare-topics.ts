import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { allowEmulator } from "@fleetquake/servicebus-emulator";
import { BARE_COMMANDS, BARE_COUNTER, BARE_EVENTS, bareSubscription } from "./bare-topology.ts";
import { inWaves } from "./in-waves.ts";

/** Creates the topics of the bus floor and a subscription for each bare replica. */
export async function createBareTopics(connectionString: string, replicas: number): Promise<void> {
  const administration = new ServiceBusAdministrationClient(connectionString);
  allowEmulator(administration);
  await administration.createTopic(BARE_COMMANDS);
  await administration.createTopic(BARE_EVENTS);
  await administration.createSubscription(BARE_EVENTS, BARE_COUNTER);
  await inWaves(
    Array.from({ length: replicas }, (_, index) => index),
    async (index) => {
      await administration.createSubscription(BARE_COMMANDS, bareSubscription(index));
    },
  );
}
