import type { BusConnection } from "../bus-connection.ts";
import { createServiceBusClient } from "../create-service-bus-client.ts";
import { TOPOLOGY } from "../topology.ts";

/** Sends and writes what this package never would. */
export interface RawClient extends AsyncDisposable {
  send(topic: string, bodies: readonly unknown[]): Promise<void>;
  writeLockState(sessionId: string, state: Buffer): Promise<void>;
}

/** The SDK without this package's care. */
export async function connectRawClient(connection: BusConnection): Promise<RawClient> {
  const observer = { opened: () => undefined, heard: () => undefined, closed: () => undefined };
  const client = await createServiceBusClient(connection, observer);
  return {
    send: async (topic, bodies) => {
      const sender = client.createSender(topic);
      for (const body of bodies) {
        await sender.sendMessages({ body });
      }
      await sender.close();
    },
    writeLockState: async (sessionId, state) => {
      const receiver = await client.acceptSession(TOPOLOGY.locksQueue, sessionId);
      await receiver.setSessionState(state);
      await receiver.close();
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}
