/** A Redis server as an application or a socket names it; Unix sockets have the path as host and port 0. */
export interface EndpointName {
  readonly host: string;
  readonly port: number;
}

/**
 * The Redis servers that a process is known to use: those it was told of, and those that connections which spoke
 * Redis led to. A socket towards one of them is a Redis connection before it has written its first byte.
 */
export class EndpointSet {
  readonly #known = new Map<string, EndpointName>();

  /** Adds an endpoint under one of its names; a host name and its address are two names. */
  add(endpoint: EndpointName): void {
    const plain = plainEndpoint(endpoint);
    const key = endpointKey(plain);
    if (!this.#known.has(key)) {
      this.#known.set(key, plain);
    }
  }

  has(endpoint: EndpointName): boolean {
    return this.#known.has(endpointKey(plainEndpoint(endpoint)));
  }

  get size(): number {
    return this.#known.size;
  }

  [Symbol.iterator](): IterableIterator<EndpointName> {
    return this.#known.values();
  }
}

/** `::ffff:10.0.0.1`, as a dual-stack socket shows an IPv4 peer, is `10.0.0.1`. */
export function plainAddress(address: string): string {
  const lower = address.toLowerCase();
  return lower.startsWith("::ffff:") && lower.includes(".") ? lower.slice("::ffff:".length) : lower;
}

function plainEndpoint({ host, port }: EndpointName): EndpointName {
  // A path keeps its case: file systems tell them apart.
  return { host: port === 0 ? host : plainAddress(host), port };
}

function endpointKey({ host, port }: EndpointName): string {
  return `${host}\n${port}`;
}
