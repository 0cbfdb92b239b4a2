// Of a HEALTHCHECK: asks /livez of this container's process, on the port that a variable names, else on a default one:
// node check-health.mjs APP_PORT 8000. Ends with 0 for a process that is alive.
const [variable = "", fallback] = process.argv.slice(2);
const port = Number(process.env[variable] || fallback);
try {
  const signal = AbortSignal.timeout(5_000);
  const { status } = await fetch(`http://127.0.0.1:${port}/livez`, { signal });
  process.exit(status === 200 ? 0 : 1);
} catch {
  process.exit(1);
}
