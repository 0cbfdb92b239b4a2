import { existsSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { findProgram } from "../support/find-program.ts";
import { repositoryFile, repositoryPath } from "../support/repository.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

interface Composition {
  readonly services: Readonly<Record<string, Service>>;
}

interface ScrapeConfig {
  readonly job_name: string;
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
  readonly http_headers?: Readonly<Record<string, { readonly files: readonly string[] }>>;
}

interface PrometheusConfig {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly ScrapeConfig[];
}

/** Each way to start a fleet: the files, and a value for each variable that must be given. */
const compositions = [
  { files: ["fleet.yml"], variables: ["FLEETQUAKE_BUS_KEY", "FLEETQUAKE_API_KEYS_OPERATE"] },
  {
    files: ["fleet.yml", "monitoring.yml"],
    variables: [
      "FLEETQUAKE_BUS_KEY",
      "FLEETQUAKE_API_KEYS_OPERATE",
      "FLEETQUAKE_API_KEYS_READ",
      "FLEETQUAKE_READ_KEY_FILE",
      "GRAFANA_ADMIN_PASSWORD",
    ],
  },
  {
    files: ["microsoft-emulator.yml"],
    variables: ["ACCEPT_EULA", "MSSQL_SA_PASSWORD", "FLEETQUAKE_API_KEYS_OPERATE"],
  },
] as const;

/** Services of images that we do not build and that write where they please. */
const WRITERS = new Set(["redis", "servicebus", "sqlserver"]);

const compose = findProgram("docker-compose");
const promtool = findProgram("promtool");
const prometheus: PrometheusConfig = parse(repositoryFile("infra/compose/prometheus.yml"));

function composition(name: string): Composition {
  return parse(repositoryFile(`infra/compose/${name}`), { merge: true });
}

function render(files: readonly string[], env: Readonly<Record<string, string>>) {
  const parameters = files.flatMap((file) => ["--file", repositoryPath(`infra/compose/${file}`)]);
  return runProgram(compose ?? "", [...parameters, "config"], { env });
}

describe.each(compositions)("the fleet of $files", ({ files, variables }) => {
  /** An absolute path, since one of them is that of a file. */
  const env = Object.fromEntries(variables.map((name) => [name, `/value/of/${name}`]));

  it("is rendered by docker-compose, and refused by name where a secret is missing", async ({
    skip,
  }) => {
    if (compose === null) {
      skip("no docker-compose on the PATH: apt-get install docker-compose");
      return;
    }
    const rendered = await render(files, env);
    expect(rendered).toMatchObject({ code: 0 });
    const { services }: Composition = parse(rendered.stdout);
    expect(Object.keys(services).filter((name) => /^(?:api|worker)-/.test(name))).toHaveLength(5);
    for (const missing of variables) {
      const refused = await render(files, { ...env, [missing]: "" });
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toContain(missing);
    }
  }, 30_000);

  it("publishes nothing but on this machine's loopback, pins every image, and mounts only what is there", () => {
    const services = files.flatMap((file) => Object.values(composition(file).services));
    const ports = services.flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(1);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
    const images = services.flatMap(({ image }) => image ?? []);
    const isOurs = (image: string): boolean => image.includes(":-fleetquake-");
    expect(images.filter((image) => !isOurs(image) && !/:[v\d][\w.-]+\}$/.test(image))).toEqual([]);
    const mounts = services.flatMap((service) => service.volumes ?? []);
    const own = mounts.filter((mount) => mount.startsWith("."));
    const paths = own.map((mount) => join("infra/compose", mount.split(":")[0] ?? ""));
    expect(paths.filter((path) => !existsSync(repositoryPath(path)))).toEqual([]);
    expect(mounts.filter((mount) => !mount.endsWith(":ro"))).toEqual([]);
  });
});

it.each(["fleet.yml", "monitoring.yml", "microsoft-emulator.yml"])(
  "%s gives no process a file system to write to, nor a capability, that can do without",
  (file) => {
    const base = composition("fleet.yml").services;
    const services = Object.entries(composition(file).services).map(
      ([name, service]) => [name, { ...base[name], ...service }] as const,
    );
    const loose = services.filter(([, service]) => !isLocked(service)).map(([name]) => name);
    expect(loose.filter((name) => !WRITERS.has(name))).toEqual([]);
  },
);

function isLocked({ read_only: isReadOnly, cap_drop: dropped, security_opt: options }: Service) {
  return (
    isReadOnly === true && dropped?.join() === "ALL" && options?.join() === "no-new-privileges:true"
  );
}

describe("Prometheus beside the fleet", () => {
  const ports = Object.entries(composition("fleet.yml").services).flatMap(
    ([name, { environment }]) => {
      const [, kind] = /^(api|worker)-\d$/.exec(name) ?? [];
      const variable = kind === "api" ? "APP_PORT" : "FLEETQUAKE_WORKER_METRICS_PORT";
      return kind === undefined ? [] : [`fleetquake-${kind} 127.0.0.1:${environment?.[variable]}`];
    },
  );

  it("scrapes every API and every worker at its port", () => {
    const targets = prometheus.scrape_configs.flatMap((job) =>
      job.static_configs.flatMap((config) =>
        config.targets.map((target) => `${job.job_name} ${target}`),
      ),
    );
    expect(ports).toHaveLength(5);
    expect(targets.toSorted()).toEqual(ports.toSorted());
  });

  it("finds its rules and its key where they are mounted", () => {
    const { volumes = [] } = composition("monitoring.yml").services["prometheus"] ?? {};
    const mounted = new Set(volumes.map((mount) => mount.split(":").at(-2) ?? ""));
    const files = prometheus.scrape_configs.flatMap(
      (job) => job.http_headers?.["X-API-Key"]?.files ?? [],
    );
    const rules = prometheus.rule_files.map((file) => `/etc/prometheus/${file}`);
    expect(files).toHaveLength(1);
    expect([...files, ...rules].filter((path) => !mounted.has(path))).toEqual([]);
  });

  it("is configured as promtool wants it, but for the header, which Debian's does not know", async ({
    skip,
  }) => {
    if (promtool === null) {
      skip("no promtool on the PATH: apt-get install prometheus");
      return;
    }
    await using folder = await temporaryFolder();
    await cp(repositoryPath("infra/prometheus"), folder.path, { recursive: true });
    const isKnown = (key: unknown): boolean => key !== "http_headers";
    const config = stringify(prometheus, (key, value) => (isKnown(key) ? value : undefined));
    const file = join(folder.path, "compose.yml");
    await writeFile(file, config);
    expect(await runProgram(promtool, ["check", "config", file])).toMatchObject({ code: 0 });
  });
});
