import type { SamplePool } from "@fleetquake/redis";

/** The keys of the original tool. */
const DATA_KEY = "chaos_lab:data:sample";
const COUNTER_KEY = "chaos_lab:counter:requests";

/**
 * Counts a request and reads the sample's value, which the first request sets.
 * @throws {RedisOperationError} after the pool's retries; a request may then have been counted twice.
 */
export function readSample(store: Pick<SamplePool, "run">, now: string): Promise<string> {
  return store.run(async (client) => {
    const [data] = await Promise.all([client.get(DATA_KEY), client.incr(COUNTER_KEY)]);
    if (data !== null) {
      return data;
    }
    const created = `Data created at ${now}`;
    // NX: two first requests at once shall see one value.
    await client.set(DATA_KEY, created, "NX");
    return (await client.get(DATA_KEY)) ?? created;
  });
}
