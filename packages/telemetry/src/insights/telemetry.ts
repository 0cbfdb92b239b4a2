import type { TraceContext } from "@fleetquake/contract";

/** What an item says beside its name; members without a value are left out. */
export type TelemetryProperties = Readonly<
  Record<string, string | number | boolean | null | undefined>
>;

/** A step of an operation that is over: something that this process did for somebody else. */
export interface TrackedRequest {
  readonly name: string;
  /** The step itself, whose id others may have gone on from. */
  readonly step: TraceContext;
  /** What it goes on from, of the same operation; null: the operation begins with it. */
  readonly parent: TraceContext | null;
  readonly durationInMs: number;
  readonly succeeded: boolean;
  /** Of a request by HTTP; the path is that of the route, and of no query. */
  readonly http?: { readonly method: string; readonly route: string; readonly status: number };
  readonly properties?: TelemetryProperties;
  /** Whether it is sent whatever the sampling rate is; one that failed always is. @default false */
  readonly isAlwaysSent?: boolean;
}

/** Something that this process had done by another. */
export interface TrackedDependency {
  readonly name: string;
  /** `redis`, or what the other is. */
  readonly type: string;
  /** Who the other is; never a secret. */
  readonly target: string;
  /** The step that needed it. */
  readonly parent: TraceContext;
  readonly durationInMs: number;
  readonly succeeded: boolean;
  readonly properties?: TelemetryProperties;
  /** @default false */
  readonly isAlwaysSent?: boolean;
}

/**
 * Where a process tells what happened in it. Nothing here waits, and nothing throws: what cannot be told is dropped, and
 * counted in the log.
 */
export interface Telemetry {
  /** Tells that something happened to the fleet: always sent. */
  trackEvent(name: string, properties: TelemetryProperties, within: TraceContext | null): void;
  /** Sent as the sampling rate says, with all else of its operation; one that failed is always sent. */
  trackRequest(request: TrackedRequest): void;
  /** As a request. */
  trackDependency(dependency: TrackedDependency): void;
  /** Tells of an error that nobody expected: always sent. */
  trackException(
    error: unknown,
    properties: TelemetryProperties,
    within: TraceContext | null,
  ): void;
  /** Sends what there is and ends, within a span in milliseconds whatever becomes of it. Idempotent. */
  close(timeoutInMs: number): Promise<void>;
}

/** Tells nobody. */
export const silentTelemetry: Telemetry = {
  trackEvent: () => undefined,
  trackRequest: () => undefined,
  trackDependency: () => undefined,
  trackException: () => undefined,
  close: () => Promise.resolve(),
};
