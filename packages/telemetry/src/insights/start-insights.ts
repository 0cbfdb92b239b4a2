import type { Log, TraceContext } from "@fleetquake/contract";
import { silentLog } from "@fleetquake/contract/plain";
import { CallContexts } from "./call-contexts.ts";
import { DeliveryWatch } from "./delivery-watch.ts";
import { InsightsTelemetry } from "./insights-telemetry.ts";
import { createStepIds } from "./step-ids.ts";
import { silentTelemetry, type Telemetry } from "./telemetry.ts";

export interface StartInsightsOptions {
  /** null: nothing is loaded, and nobody is told anything. It is in no message and no log. */
  readonly connectionString: string | null;
  /** The share of requests and dependencies that is sent, 0 to 1; events of the fleet and errors always are. */
  readonly samplingRate: number;
  /** What the process is called on Azure's map of the application: `fleetquake-api`. */
  readonly role: string;
  /** Which of them it is: its replica's id. */
  readonly instance: string;
  /** The process's own environment: the SDK is told in it to keep its own statistics to itself. */
  readonly environment: Record<string, string | undefined>;
  /** @default silentLog */
  readonly log?: Log;
}

/** The SDK's statistics about itself go to Microsoft, and ask Azure's metadata server who we are. */
const NO_STATISTICS = {
  APPLICATION_INSIGHTS_NO_STATSBEAT: "true",
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: "true",
} as const;

const SAMPLED = 1;

/**
 * Loads Application Insights' SDK and has it tell what this process tells it, and nothing else: it instruments nothing,
 * collects nothing by itself, and keeps nothing on disk. Loading it takes about a second and 50 MB.
 *
 * Never rejects: a process without its telemetry does its work all the same, and the log says so.
 */
export async function startInsights(options: StartInsightsOptions): Promise<Telemetry> {
  const { connectionString, log = silentLog } = options;
  if (connectionString === null) {
    return silentTelemetry;
  }
  try {
    return await load({ ...options, connectionString, log });
  } catch (error) {
    // Its message may hold what it was given.
    log.error("telemetry-not-started", { error: error instanceof Error ? error.name : "unknown" });
    return silentTelemetry;
  }
}

async function load({
  connectionString,
  log,
  ...options
}: StartInsightsOptions & {
  readonly connectionString: string;
  readonly log: Log;
}): Promise<Telemetry> {
  Object.assign(options.environment, NO_STATISTICS);
  const [
    { default: insights },
    { context, diag, ROOT_CONTEXT, trace },
    { resourceFromAttributes },
  ] = await Promise.all([
    import("applicationinsights"),
    import("@opentelemetry/api"),
    import("@opentelemetry/resources"),
  ]);
  const stepKey = Symbol("fleetquake.step");
  const watch = new DeliveryWatch(log);
  // Not the global providers: those would load instrumentations and ask Azure's metadata server.
  const client = new insights.TelemetryClient(connectionString, { useGlobalProviders: false });
  client.config.azureMonitorOpenTelemetryOptions = {
    azureMonitorExporterOptions: {
      connectionString,
      disableOfflineStorage: true,
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [{ policy: watch, position: "perCall" }],
    },
    resource: resourceFromAttributes({
      "service.name": options.role,
      "service.instance.id": options.instance,
    }),
    spanProcessors: [createStepIds(stepKey)],
  };
  client.initialize();
  // What the SDK says of itself goes nowhere: it repeats what it was given.
  diag.disable();
  context.setGlobalContextManager(new CallContexts(ROOT_CONTEXT));
  const within = (
    parent: TraceContext | null,
    step: TraceContext | null,
    call: () => void,
  ): void => {
    const base =
      parent === null
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: SAMPLED, isRemote: true });
    context.with(step === null ? base : base.setValue(stepKey, step), call);
  };
  log.info("telemetry-started", { role: options.role, sampling_rate: options.samplingRate });
  return new InsightsTelemetry({
    client,
    samplingRate: options.samplingRate,
    log,
    within,
    onEnd: () => watch.end(),
  });
}
