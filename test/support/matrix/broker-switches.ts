import type {
  BrokerDescription,
  FaultName,
  FaultOptions,
  FaultReport,
} from "@fleetquake/servicebus-emulator";

const TIMEOUT_IN_MS = 10_000;

/** The fault switches of a broker in another process. */
export class BrokerSwitches {
  readonly #url: string;
  readonly #authorization: string;

  /** @param connectionString of a broker whose faults may be switched, with its key */
  constructor(connectionString: string) {
    const parts = new Map(
      connectionString.split(";").map((part) => {
        const split = part.indexOf("=");
        return [part.slice(0, split), part.slice(split + 1)];
      }),
    );
    const user = `${parts.get("SharedAccessKeyName")}:${parts.get("SharedAccessKey")}`;
    this.#url = `${parts.get("Endpoint")}`.replace("sb:", "http:").replace(/\/$/u, "");
    this.#authorization = `Basic ${Buffer.from(user).toString("base64")}`;
  }

  /** Switches a fault on. @throws when the broker refuses. */
  async start<Name extends FaultName>(
    name: Name,
    options: FaultOptions[Name],
  ): Promise<FaultReport> {
    const answer = await this.#ask("PUT", `/faults/${name}`, JSON.stringify(options));
    const report: FaultReport = JSON.parse(await answer.text());
    return report;
  }

  /** Switches a fault off. @throws when it was not on. */
  async stop(name: FaultName): Promise<void> {
    await this.#ask("DELETE", `/faults/${name}`);
  }

  /** What the broker holds. */
  async describe(): Promise<BrokerDescription> {
    const answer = await this.#ask("GET", "/entities");
    const description: BrokerDescription = JSON.parse(await answer.text());
    return description;
  }

  async #ask(method: string, path: string, body?: string): Promise<Response> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: this.#authorization },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(TIMEOUT_IN_MS),
    });
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer;
  }
}
