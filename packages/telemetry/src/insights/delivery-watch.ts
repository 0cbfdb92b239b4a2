import type { Log } from "@fleetquake/contract";

/** Of a request and an answer what matters here; the pipeline of Azure's libraries has more. */
interface OutgoingRequest {
  timeout: number;
}
interface IncomingAnswer {
  readonly status: number;
}

/** One request to the ingestion takes no longer: whoever never answers would else hold one connection after the other. */
const REQUEST_TIMEOUT_IN_MS = 10_000;
const FIRST_FAILED_STATUS = 300;

/**
 * Bounds each request to the ingestion and says in the log when nothing gets through, and when it does again; once each,
 * and without the address, which is part of the connection string.
 */
export class DeliveryWatch {
  readonly name = "fleetquake-delivery-watch";
  readonly #log: Log;
  #isFailing = false;
  #isQuiet = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A policy of the SDK's pipeline. */
  async sendRequest<Request extends OutgoingRequest, Answer extends IncomingAnswer>(
    request: Request,
    next: (request: Request) => Promise<Answer>,
  ): Promise<Answer> {
    request.timeout = REQUEST_TIMEOUT_IN_MS;
    try {
      const answer = await next(request);
      this.#judge(answer.status >= FIRST_FAILED_STATUS ? `HTTP ${answer.status}` : null);
      return answer;
    } catch (error) {
      this.#judge(codeOf(error));
      throw error;
    }
  }

  /** From now on nothing is said: the process ends, and cuts off what it has not sent. */
  end(): void {
    this.#isQuiet = true;
  }

  #judge(reason: string | null): void {
    const isFailing = reason !== null;
    if (isFailing === this.#isFailing || this.#isQuiet) {
      return;
    }
    this.#isFailing = isFailing;
    if (isFailing) {
      this.#log.warn("telemetry-not-delivered", { reason });
    } else {
      this.#log.warn("telemetry-delivered-again");
    }
  }
}

/** Its message would name the address. */
function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return typeof code === "string" ? code : "no answer";
}
