import { WATCHED_BROKER_KEY, type WatchedBroker } from "./start-watched-broker.ts";

/** What `/entities` tells, as far as tests look at it. */
export interface SeenEntities {
  readonly connections: number;
  readonly links: number;
  readonly queues: readonly {
    readonly name: string;
    readonly links: number;
    readonly messages: Readonly<Record<string, number>>;
  }[];
  readonly topics: readonly {
    readonly name: string;
    readonly links: number;
    readonly subscriptions: readonly { readonly name: string; readonly links: number }[];
  }[];
}

/** The name and key for the endpoints in JSON, as `curl --user` takes them. */
export const BROKER_CREDENTIALS = `RootManageSharedAccessKey:${WATCHED_BROKER_KEY}`;
const TIMEOUT_IN_MS = 10_000;

/** What a broker holds now, by `/entities`. */
export async function seeEntities(broker: Pick<WatchedBroker, "port">): Promise<SeenEntities> {
  const entities: SeenEntities = JSON.parse(await ask(broker.port, "GET", "/entities"));
  return entities;
}

/** Ends every fault that is on. */
export async function endFaults({ port }: Pick<WatchedBroker, "port">): Promise<void> {
  const { active }: { readonly active: readonly { readonly name: string }[] } = JSON.parse(
    await ask(port, "GET", "/faults"),
  );
  for (const { name } of active) {
    await ask(port, "DELETE", `/faults/${name}`);
  }
}

async function ask(port: number, method: string, path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(BROKER_CREDENTIALS).toString("base64")}` },
    signal: AbortSignal.timeout(TIMEOUT_IN_MS),
  });
  return await answer.text();
}
