export interface ReadyLineOptions {
  readonly urls: readonly string[];
  readonly redisVersion: string | null;
  readonly redisAddress: string;
  readonly busAddress: string;
  readonly workers: number;
}

/** The one line that says the fleet is complete: where everything is, and what to try. No secret is in it. */
export function readyLine(options: ReadyLineOptions): string {
  const redis = `Redis ${options.redisVersion ?? "(version unknown)"} at ${options.redisAddress}`;
  const workers = `${options.workers} ${options.workers === 1 ? "worker" : "workers"}`;
  const curl = `curl -X POST ${options.urls[0]}/chaos/redis-reset`;
  return `fleetquake ready: ${options.urls.join(" ")} | ${redis} | bus ${options.busAddress} | ${workers} | try: ${curl}`;
}
