import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How the network between the two keeps new connections out; those that stand are let through. */
export type Blockade = "drop" | "reject";

const SERVER_ADDRESS = "10.213.0.2";
const CLIENT_ADDRESS = "10.213.0.1";

/** A namespace for a server and one for its clients, with a cable in between and nothing else. */
export class TwoNamespaces implements AsyncDisposable {
  readonly serverAddress = SERVER_ADDRESS;
  readonly server: string;
  readonly clients: string;

  private constructor(suffix: string) {
    this.server = `fq-server-${suffix}`;
    this.clients = `fq-clients-${suffix}`;
  }

  /** @throws when this process may not make namespaces. */
  static async create(): Promise<TwoNamespaces> {
    const pair = new TwoNamespaces(`${process.pid}`);
    const { server, clients } = pair;
    try {
      await run("ip", ["netns", "add", server]);
      await run("ip", ["netns", "add", clients]);
      const cable = ["link", "add", "cable", "netns", clients, "type", "veth"];
      await run("ip", [...cable, "peer", "name", "cable", "netns", server]);
      for (const [name, address] of [
        [server, SERVER_ADDRESS],
        [clients, CLIENT_ADDRESS],
      ] as const) {
        await run("ip", ["-n", name, "address", "add", `${address}/30`, "dev", "cable"]);
        await run("ip", ["-n", name, "link", "set", "cable", "up"]);
        await run("ip", ["-n", name, "link", "set", "lo", "up"]);
      }
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** From now on the server's network drops or rejects whoever knocks at a port. */
  async block(port: number, how: Blockade): Promise<void> {
    const verdict = how === "drop" ? "drop" : "reject with tcp reset";
    const rules = `table inet blockade {
      chain input {
        type filter hook input priority 0;
        tcp dport ${port} tcp flags & (syn | ack) == syn ${verdict}
      }
    }`;
    await run("ip", ["netns", "exec", this.server, "nft", rules]);
  }

  async unblock(): Promise<void> {
    await run("ip", ["netns", "exec", this.server, "nft", "delete", "table", "inet", "blockade"]);
  }

  /** What runs inside has to be ended before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(
      [this.server, this.clients].map((name) => run("ip", ["netns", "delete", name])),
    );
  }
}
