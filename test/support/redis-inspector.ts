import { Redis } from "ioredis";

/** The names of connections that belong to nobody's application: the test's own and the agents' control connections. */
const INSPECTOR_NAME = "test-inspector";
const CONTROL_NAME = "fleetquake-control";

/** One row of CLIENT LIST; every field as the server wrote it. */
export interface ClientListRow {
  readonly id: string;
  readonly addr: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Looks at a Redis server from outside of the fleet, over a connection that it never lists. */
export class RedisInspector implements AsyncDisposable {
  readonly redis: Redis;

  constructor(url: string) {
    this.redis = new Redis(url, { connectionName: INSPECTOR_NAME, maxRetriesPerRequest: 3 });
    this.redis.on("error", () => undefined);
  }

  /** All clients of applications, in the order of their ids; neither this one nor control connections. */
  async clientList(): Promise<readonly ClientListRow[]> {
    return parseClientList(await this.redis.client("LIST").then(String)).filter(
      ({ name }) => name !== INSPECTOR_NAME && name !== CONTROL_NAME,
    );
  }

  /** The ids of `clientList`. */
  /** By number: CLIENT LIST's own order changes by itself, since Redis's housekeeping rotates its list of clients. */
  async clientIds(): Promise<readonly string[]> {
    return (await this.clientList()).map(({ id }) => id).toSorted((a, b) => Number(a) - Number(b));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redis.disconnect();
  }
}

function parseClientList(text: string): ClientListRow[] {
  return text
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const fields = Object.fromEntries(
        line.split(" ").map((field) => {
          const split = field.indexOf("=");
          return [field.slice(0, split), field.slice(split + 1)];
        }),
      );
      return {
        id: fields["id"] ?? "",
        addr: fields["addr"] ?? "",
        name: fields["name"] ?? "",
        fields,
      };
    });
}
