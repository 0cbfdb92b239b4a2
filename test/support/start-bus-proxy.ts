import { EventEmitter, once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

const MEETING_TIMEOUT_IN_MS = 20_000;

/** The way to a bus for one process, on which what the process sends can be held up. */
export class BusProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #brokerPort: number;
  readonly #passages = new Set<Passage>();
  readonly #meetings = new EventEmitter();
  #wanted: string | null = null;

  constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") {
      throw new Error("a TCP server has no port");
    }
    return address.port;
  }

  /**
   * From now on, each connection that sends `text` is held up from the packet on that contains it; what the broker sends
   * still arrives. Resolves when the first one is held up.
   * @throws when none is within 20 s.
   */
  async holdUp(text: string): Promise<void> {
    this.#wanted = text;
    await once(this.#meetings, "met", { signal: AbortSignal.timeout(MEETING_TIMEOUT_IN_MS) });
  }

  /** Passes on what was held up, and all that comes after it. */
  release(): void {
    this.#wanted = null;
    for (const passage of this.#passages) {
      passage.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const passage of this.#passages) {
      passage.destroy();
    }
    await closed;
  }

  #accept(client: Socket): void {
    const broker = connect({ port: this.#brokerPort, host: "127.0.0.1", noDelay: true });
    const isWanted = (packet: Buffer): boolean => {
      const isMet = this.#wanted !== null && packet.includes(this.#wanted);
      if (isMet) {
        this.#meetings.emit("met");
      }
      return isMet;
    };
    this.#passages.add(new Passage(client, broker, isWanted));
  }
}

/** One connection through the proxy. */
class Passage {
  readonly #client: Socket;
  readonly #broker: Socket;
  readonly #heldUp: Buffer[] = [];
  #isHeldUp = false;

  constructor(client: Socket, broker: Socket, isWanted: (packet: Buffer) => boolean) {
    this.#client = client;
    this.#broker = broker;
    client.setNoDelay(true);
    client.on("data", (packet) => {
      this.#isHeldUp ||= isWanted(packet);
      if (this.#isHeldUp) {
        this.#heldUp.push(packet);
      } else {
        broker.write(packet);
      }
    });
    broker.on("data", (packet) => client.write(packet));
    for (const socket of [client, broker]) {
      socket.on("error", () => undefined);
    }
    client.on("close", () => this.#isHeldUp || broker.end());
    broker.on("close", () => client.destroy());
  }

  release(): void {
    this.#isHeldUp = false;
    for (const packet of this.#heldUp.splice(0)) {
      this.#broker.write(packet);
    }
    if (this.#client.destroyed) {
      this.#broker.end();
    }
  }

  destroy(): void {
    this.#client.destroy();
    this.#broker.destroy();
  }
}

/** A proxy in front of the broker that a connection string names, and the string that leads through it. */
export async function startBusProxy(
  connectionString: string,
): Promise<{ readonly proxy: BusProxy; readonly connectionString: string }> {
  const place = /127\.0\.0\.1:(\d+)/;
  const proxy = new BusProxy(Number(place.exec(connectionString)?.[1]));
  const port = await proxy.listen();
  return { proxy, connectionString: connectionString.replace(place, `127.0.0.1:${port}`) };
}
