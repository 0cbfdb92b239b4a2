import type { Log, TraceContext } from "@fleetquake/contract";
import { systemClock } from "@fleetquake/contract/plain";
import { PacedQueue } from "./paced-queue.ts";
import { isSampled } from "./is-sampled.ts";
import type {
  Telemetry,
  TelemetryProperties,
  TrackedDependency,
  TrackedRequest,
} from "./telemetry.ts";

/** What the SDK's client is asked for. */
export interface InsightsClient {
  trackEvent(event: { name: string; properties: PlainProperties }): void;
  trackException(failure: { exception: Error; properties: PlainProperties }): void;
  trackRequest(request: SentStep & { url: string; resultCode: string }): void;
  trackDependency(dependency: SentStep & SentDependency): void;
  shutdown(): Promise<void>;
}

type PlainProperties = Record<string, string | number | boolean>;

interface SentStep {
  name: string;
  time: Date;
  duration: number;
  success: boolean;
  resultCode: string;
  properties: PlainProperties;
}

interface SentDependency {
  dependencyTypeName: string;
  target: string;
  data: string;
}

export interface InsightsTelemetryOptions {
  readonly client: InsightsClient;
  /** From 0 to 1. */
  readonly samplingRate: number;
  readonly log: Log;
  /** Runs a call of the client's within a step of an operation; `step` is what the call itself is to be. */
  readonly within: (
    parent: TraceContext | null,
    step: TraceContext | null,
    call: () => void,
  ) => void;
  /** Called before the last is sent. */
  readonly onEnd: () => void;
}

/** The SDK's name for how many per cent are sent; Azure counts each item as so many. */
const SAMPLE_RATE = "microsoft.sample_rate";

/** Tells Application Insights, later and a few at a time. */
export class InsightsTelemetry implements Telemetry {
  readonly #options: InsightsTelemetryOptions;
  readonly #queue = new PacedQueue({ clock: systemClock });
  #closing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: InsightsTelemetryOptions) {
    this.#options = options;
  }

  trackEvent(name: string, properties: TelemetryProperties, within: TraceContext | null): void {
    this.#later(within, null, (client) =>
      client.trackEvent({ name, properties: plain(properties) }),
    );
  }

  trackException(
    error: unknown,
    properties: TelemetryProperties,
    within: TraceContext | null,
  ): void {
    const exception = error instanceof Error ? error : new Error(String(error));
    this.#later(within, null, (client) =>
      client.trackException({ exception, properties: plain(properties) }),
    );
  }

  trackRequest(request: TrackedRequest): void {
    const { step, parent, http } = request;
    const rate = this.#rateOf(request, step);
    if (rate === null) {
      return;
    }
    const ofHttp =
      http === undefined
        ? {}
        : { "http.method": http.method, "http.route": http.route, "http.target": http.route };
    const sent = {
      ...sentStep(request, { ...ofHttp, ...rate }),
      url: "",
      resultCode: http === undefined ? "" : String(http.status),
    };
    this.#later(parent, step, (client) => client.trackRequest(sent));
  }

  trackDependency(dependency: TrackedDependency): void {
    const { parent, type, target, name } = dependency;
    const rate = this.#rateOf(dependency, parent);
    if (rate === null) {
      return;
    }
    const sent = {
      ...sentStep(dependency, rate),
      resultCode: dependency.succeeded ? "0" : "1",
      dependencyTypeName: type,
      target,
      data: name,
    };
    this.#later(parent, null, (client) => client.trackDependency(sent));
  }

  close(timeoutInMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutInMs);
    return this.#closing;
  }

  /** null: it is not sent. What is sent whatever the rate is counts once. */
  #rateOf(
    { succeeded, isAlwaysSent = false }: TrackedRequest | TrackedDependency,
    { traceId }: TraceContext,
  ): PlainProperties | null {
    const { samplingRate } = this.#options;
    if (!succeeded || isAlwaysSent || samplingRate >= 1) {
      return {};
    }
    return isSampled(traceId, samplingRate) ? { [SAMPLE_RATE]: samplingRate * 100 } : null;
  }

  #later(
    parent: TraceContext | null,
    step: TraceContext | null,
    tell: (client: InsightsClient) => void,
  ): void {
    if (this.#closing === undefined) {
      this.#queue.push(() => this.#now(parent, step, tell));
    }
  }

  #now(
    parent: TraceContext | null,
    step: TraceContext | null,
    tell: (client: InsightsClient) => void,
  ): void {
    const { client, within, log } = this.#options;
    try {
      within(parent, step, () => tell(client));
    } catch (error) {
      // The same mistake would come again with every item.
      log[this.#hasFailed ? "debug" : "warn"]("telemetry-failed", { error: nameOf(error) });
      this.#hasFailed = true;
    }
  }

  async #close(timeoutInMs: number): Promise<void> {
    const { client, log, onEnd } = this.#options;
    onEnd();
    this.#queue.drain();
    if (this.#queue.dropped > 0) {
      log.warn("telemetry-dropped", { items: this.#queue.dropped });
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), timeoutInMs);
    });
    const ended = client.shutdown().then(
      () => "sent" as const,
      (error: unknown) => nameOf(error),
    );
    const how = await Promise.race([ended, late]);
    clearTimeout(timer);
    log.debug("telemetry-closed", { how });
  }
}

function sentStep(
  {
    name,
    durationInMs,
    succeeded,
    properties = {},
  }: Pick<TrackedRequest, "name" | "durationInMs" | "succeeded" | "properties">,
  more: PlainProperties,
): Omit<SentStep, "resultCode"> {
  return {
    name,
    // It has just ended; the queue may tell of it a little later.
    time: new Date(Date.now() - durationInMs),
    duration: durationInMs,
    success: succeeded,
    properties: { ...plain(properties), ...more },
  };
}

function plain(properties: TelemetryProperties): PlainProperties {
  const result: PlainProperties = {};
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined && value !== null) {
      result[name] = value;
    }
  }
  return result;
}

/** A message of the SDK's may name the address. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
