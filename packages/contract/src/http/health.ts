/** `GET /health`: 200 when healthy, else 503; disabled Redis is healthy. */
export interface HealthAnswer {
  readonly status: "healthy" | "unhealthy";
  readonly redis: {
    readonly connected: boolean;
    /** Of one PING; null when there was no reply. */
    readonly latency_ms: number | null;
  };
  readonly timestamp: string;
}

/** `GET /livez`: the process is alive, whatever it can reach. */
export interface LivenessAnswer {
  readonly status: "alive";
  readonly timestamp: string;
}

/** `GET /readyz`: 200 when resets can be complete and the sample works, else 503. */
export interface ReadinessAnswer {
  readonly status: "ready" | "not_ready";
  readonly bus: { readonly connected: boolean };
  readonly roster: "warming" | "ready";
  /** null: Redis is disabled. */
  readonly redis: { readonly connected: boolean } | null;
  readonly timestamp: string;
}
