import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { requestJson } from "./request-json.ts";

/** Whether a program of Prometheus's package is on PATH; where it is not, the reason is printed. */
export function hasPrometheus(program: "prometheus" | "promtool"): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stdout.write(`skipped: no ${program} on PATH (apt-get install prometheus)\n`);
    return false;
  }
}

/** A Prometheus of a test's own. */
export interface StartedPrometheus extends AsyncDisposable {
  /** The value of the first series that an expression gives; null where it gives none. */
  value(expression: string): Promise<number | null>;
}

interface QueryAnswer {
  readonly data?: { readonly result?: readonly { readonly value: readonly [number, string] }[] };
}

/** Starts Prometheus on loopback with a configuration; it is ready when it answers. */
export async function startPrometheus(config: object): Promise<StartedPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), "fleetquake-prometheus-"));
  const file = join(folder, "prometheus.yml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  const value = async (expression: string): Promise<number | null> => {
    const query = new URLSearchParams({ query: expression }).toString();
    const url = `http://127.0.0.1:${port}/api/v1/query?${query}`;
    const { body } = await requestJson<QueryAnswer>(url);
    const text = body.data?.result?.[0]?.value[1];
    return text === undefined ? null : Number(text);
  };
  return {
    value,
    [Symbol.asyncDispose]: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
}
