import type { KeepAliveClient } from "./keep-alive-client.ts";

/** The value below which a share of the samples lies, by nearest rank. @throws when there is no sample. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) {
    throw new Error("no samples");
  }
  return value;
}

/**
 * Asks for a path one time after the other.
 * @returns how long each answer took, in milliseconds
 * @throws when one is not 200
 */
export async function latenciesOf(
  client: KeepAliveClient,
  path: string,
  requests: number,
): Promise<readonly number[]> {
  const latenciesInMs: number[] = [];
  for (let turn = 0; turn < requests; turn += 1) {
    const { status, durationInMs, text } = await client.get(path);
    if (status !== 200) {
      throw new Error(`GET ${path} was answered with ${status}: ${text}`);
    }
    latenciesInMs.push(durationInMs);
  }
  return latenciesInMs;
}
