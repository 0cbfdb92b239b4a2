import { createHmac } from "node:crypto";
import { once } from "node:events";
import rhea, { type Connection, type Receiver, type Sender } from "rhea";

/** What a connection string says of a broker on this machine. */
export interface BrokerPlace {
  readonly host: string;
  readonly port: number;
  readonly keyName: string;
  readonly key: string;
}

const TOKEN_VALID_IN_S = 3_600;
const OPEN_WITHIN_IN_MS = 30_000;
/** So many deliveries may be on their way; given again by rhea as they arrive. */
const CREDIT = 100;

export function readPlace(connectionString: string): BrokerPlace {
  const parts = new Map(
    connectionString.split(";").map((part) => {
      const split = part.indexOf("=");
      return [part.slice(0, split), part.slice(split + 1)];
    }),
  );
  const { hostname: host, port } = new URL(parts.get("Endpoint")?.replace(/^sb:/u, "http:") ?? "");
  return {
    host,
    port: Number(port),
    keyName: parts.get("SharedAccessKeyName") ?? "",
    key: parts.get("SharedAccessKey") ?? "",
  };
}

/** rhea alone, as bare as it gets: one connection that may send and listen everywhere. */
export class RheaClient implements AsyncDisposable {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async connect(place: BrokerPlace): Promise<RheaClient> {
    const { host, port } = place;
    const connection = rhea
      .create_container()
      .connect({ host, port, username: "anonymous", reconnect: false });
    await opened(connection, "connection_open");
    await putToken(connection, place);
    return new RheaClient(connection);
  }

  async openSender(address: string): Promise<Sender> {
    const sender = this.#connection.open_sender(address);
    await opened(sender, "sendable");
    return sender;
  }

  /** Receives and deletes. */
  async openReceiver(address: string, onMessage: () => void): Promise<Receiver> {
    const receiver = this.#connection.open_receiver({
      source: address,
      snd_settle_mode: 1,
      credit_window: CREDIT,
    });
    receiver.on("message", onMessage);
    await opened(receiver, "receiver_open");
    return receiver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = opened(this.#connection, "connection_close");
    this.#connection.close();
    await closed;
  }
}

async function putToken(connection: Connection, place: BrokerPlace): Promise<void> {
  const { host, keyName, key } = place;
  const resource = encodeURIComponent(`sb://${host}/`);
  const expiry = Math.floor(Date.now() / 1_000) + TOKEN_VALID_IN_S;
  const signature = createHmac("sha256", key).update(`${resource}\n${expiry}`).digest("base64");
  const sender = connection.open_sender("$cbs");
  const receiver = connection.open_receiver({ source: "$cbs", target: "answers" });
  await opened(sender, "sendable");
  const answer = opened(receiver, "message");
  sender.send({
    message_id: "token",
    reply_to: "answers",
    application_properties: {
      operation: "put-token",
      type: "servicebus.windows.net:sastoken",
      name: `sb://${host}/`,
    },
    body: `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${keyName}`,
  });
  await answer;
}

async function opened(emitter: NodeJS.EventEmitter, event: string): Promise<void> {
  await once(emitter, event, { signal: AbortSignal.timeout(OPEN_WITHIN_IN_MS) });
}
