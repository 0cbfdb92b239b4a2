import { connectClients } from "./service-bus-clients.ts";

/** A client that does what clients do, again and again, beside whatever else a broker is put through. */
export interface SteadyClient {
  /** How many messages have gone through so far. */
  readonly turns: number;
  /** Ends it; resolves with all that went wrong. */
  stop(): Promise<readonly string[]>;
}

/** No turn may take longer. */
const TURN_DEADLINE_IN_MS = 10_000;
const QUEUE = "steady";

/** Starts a client that sends a message to the queue `steady`, receives it and completes it, until it is stopped. */
export async function startSteadyClient(connectionString: string): Promise<SteadyClient> {
  const clients = connectClients({ connectionString });
  await clients.admin.createQueue(QUEUE);
  const sender = clients.client.createSender(QUEUE);
  const receiver = clients.client.createReceiver(QUEUE);
  const failures: string[] = [];
  let turns = 0;
  const stopping = new AbortController();
  const turn = async (): Promise<void> => {
    await sender.sendMessages({ body: turns });
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: TURN_DEADLINE_IN_MS });
    if (message === undefined || message.body !== turns) {
      failures.push(`turn ${turns}: received ${String(message?.body)}`);
      return;
    }
    await receiver.completeMessage(message);
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted && failures.length < 5) {
      const startedAtInMs = performance.now();
      await turn().catch((error: unknown) => failures.push(`turn ${turns}: ${String(error)}`));
      const tookInMs = performance.now() - startedAtInMs;
      if (tookInMs > TURN_DEADLINE_IN_MS) {
        failures.push(`turn ${turns} took ${Math.round(tookInMs)} ms`);
      }
      turns += 1;
      // Beside, not instead of what it runs beside.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const running = run();
  return {
    get turns() {
      return turns;
    },
    stop: async () => {
      stopping.abort();
      await running;
      await clients.admin.deleteQueue(QUEUE);
      await clients[Symbol.asyncDispose]();
      return failures;
    },
  };
}
