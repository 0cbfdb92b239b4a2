const REQUEST_TIMEOUT_IN_MS = 2_000;

/**
 * Asks one API whether it is ready and how many replicas it sees.
 * @param key where the API asks for one; null where it is open
 * @returns the active replicas on its roster; null while it is not ready.
 * @throws Error when it does not answer.
 */
export async function readRoster(apiUrl: string, key: string | null): Promise<number | null> {
  const headers: Record<string, string> = key === null ? {} : { "x-api-key": key };
  const readiness = await fetch(`${apiUrl}/readyz`, {
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_IN_MS),
  });
  await readiness.arrayBuffer();
  if (!readiness.ok) {
    return null;
  }
  const status = await fetch(`${apiUrl}/chaos/status`, {
    headers,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_IN_MS),
  });
  return activeReplicas(await status.json());
}

function activeReplicas(status: unknown): number | null {
  const fleet = member(status, "fleet");
  const active = member(fleet, "active");
  return typeof active === "number" ? active : null;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
