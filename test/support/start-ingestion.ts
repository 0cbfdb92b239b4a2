import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { generate } from "selfsigned";

/** One item as the SDK sends it; what the tests look at. */
export interface IngestedItem {
  readonly iKey: string;
  readonly sampleRate?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: {
    readonly baseType: string;
    readonly baseData: {
      readonly id?: string;
      readonly name?: string;
      readonly type?: string;
      readonly target?: string;
      readonly success?: boolean;
      readonly responseCode?: string;
      readonly exceptions?: readonly { readonly typeName: string; readonly message: string }[];
      readonly properties?: Readonly<Record<string, string>>;
    };
  };
}

/** `accept`; `silent`: no request is ever answered; a number: every request is refused with this status. */
export type IngestionMode = "accept" | "silent" | number;

/** Application Insights' ingestion, as far as the SDK sees it: `POST /v2.1/track` by https. */
export interface StartedIngestion extends AsyncDisposable {
  /** The environment that leads a process here. */
  readonly env: Readonly<Record<string, string>>;
  /** A part of the connection string that must stand in no log. */
  readonly instrumentationKey: string;
  /** Everything that was accepted so far. */
  readonly items: readonly IngestedItem[];
  /** Paths of all requests so far, answered or not. */
  readonly requests: readonly string[];
  mode: IngestionMode;
  /** What was told as an event, with its name. */
  events(name?: string): readonly IngestedItem[];
  /** Items of one kind: `RequestData`, `RemoteDependencyData`, `ExceptionData`. */
  ofKind(baseType: string): readonly IngestedItem[];
  /** Nobody listens any more. */
  stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1, with a certificate of its own. */
export async function startIngestion(mode: IngestionMode = "accept"): Promise<StartedIngestion> {
  const folder = await mkdtemp(join(tmpdir(), "fleetquake-ingestion-"));
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  const authority = join(folder, "ingestion.crt");
  await writeFile(authority, pems.cert);
  const ingestion = new Ingestion(mode, { cert: pems.cert, key: pems.private, authority, folder });
  await ingestion.start();
  return ingestion;
}

class Ingestion implements StartedIngestion {
  readonly instrumentationKey = "5ec2e7aa-0000-4000-8000-5ec2e7aa5ec2";
  readonly items: IngestedItem[] = [];
  readonly requests: string[] = [];
  mode: IngestionMode;
  readonly #server: Server;
  readonly #authority: string;
  readonly #folder: string;

  constructor(
    mode: IngestionMode,
    files: {
      readonly cert: string;
      readonly key: string;
      readonly authority: string;
      readonly folder: string;
    },
  ) {
    this.mode = mode;
    this.#authority = files.authority;
    this.#folder = files.folder;
    this.#server = createServer(
      { cert: files.cert, key: files.key },
      (request, response) => void this.#answer(request, response),
    );
  }

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get env(): Readonly<Record<string, string>> {
    const endpoint = `https://127.0.0.1:${portOf(this.#server.address())}/`;
    return {
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${this.instrumentationKey};IngestionEndpoint=${endpoint}`,
      NODE_EXTRA_CA_CERTS: this.#authority,
      // The SDK would send every five seconds.
      OTEL_BSP_SCHEDULE_DELAY: "200",
      OTEL_BLRP_SCHEDULE_DELAY: "200",
    };
  }

  events(name?: string): readonly IngestedItem[] {
    const events = this.ofKind("EventData");
    return name === undefined ? events : events.filter(({ data }) => data.baseData.name === name);
  }

  ofKind(baseType: string): readonly IngestedItem[] {
    return this.items.filter(({ data }) => data.baseType === baseType);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) {
      await this.stop();
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request.url ?? "");
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(Buffer.from(chunk));
    }
    if (this.mode === "silent") {
      return;
    }
    const bytes = Buffer.concat(chunks);
    const isPacked = request.headers["content-encoding"] === "gzip";
    const items: readonly IngestedItem[] = JSON.parse(String(isPacked ? gunzipSync(bytes) : bytes));
    const isAccepted = this.mode === "accept";
    if (isAccepted) {
      this.items.push(...items);
    }
    response.writeHead(this.mode === "accept" ? 200 : this.mode, {
      "content-type": "application/json",
    });
    const itemsAccepted = isAccepted ? items.length : 0;
    response.end(JSON.stringify({ itemsReceived: items.length, itemsAccepted, errors: [] }));
  }
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
