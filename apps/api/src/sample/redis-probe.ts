import type { SampleStore } from "../ports/sample-store.ts";

/** A health check has to answer within a second, also when Redis is black-holed. */
const PROBE_TIMEOUT_IN_MS = 800;

/** What one PING came to. */
export interface ProbeResult {
  readonly isConnected: boolean;
  /** null when there was no reply. */
  readonly latencyInMs: number | null;
}

/** Asks Redis whether it answers; never rejects and never takes longer than 800 ms. */
export type RedisProbe = () => Promise<ProbeResult>;

/** Makes a probe; callers at the same time share one PING, so that many of them do not use up the pool. */
export function createRedisProbe(store: SampleStore): RedisProbe {
  let underWay: Promise<ProbeResult> | null = null;
  return () => {
    underWay ??= probe(store).finally(() => {
      underWay = null;
    });
    return underWay;
  };
}

async function probe(store: SampleStore): Promise<ProbeResult> {
  if (store === null) {
    return { isConnected: false, latencyInMs: null };
  }
  try {
    const latencyInMs = await store.run(
      async (client) => {
        const startedAtInMs = performance.now();
        await client.ping();
        return performance.now() - startedAtInMs;
      },
      { timeoutInMs: PROBE_TIMEOUT_IN_MS },
    );
    return { isConnected: true, latencyInMs: Math.round(latencyInMs * 100) / 100 };
  } catch {
    // The probe's answer is that there was none; why is the sample's to tell.
    return { isConnected: false, latencyInMs: null };
  }
}
