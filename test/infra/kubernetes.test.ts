import { makeTestApp } from "@fleetquake/api/testing";
import { describe, expect, it } from "vitest";
import { documentedVariables } from "../support/documented-variables.ts";
import { repositoryFile } from "../support/repository.ts";
import {
  findKustomize,
  type Container,
  type KubernetesObject,
  type PodSpec,
} from "../support/render-kustomization.ts";

const kustomize = await findKustomize();

function render(
  folder: string,
  skip: (reason: string) => void,
): Promise<readonly KubernetesObject[]> {
  if ("missing" in kustomize) {
    skip(kustomize.missing);
    return Promise.resolve([]);
  }
  return kustomize.render(folder);
}

const READ_BY = new Map([
  ["fleetquake-api", documentedVariables("apps/api", "packages/redis")],
  ["fleetquake-worker", documentedVariables("apps/worker", "packages/redis", "packages/agent")],
]);
/** Made by whoever deploys; infra/README.md says how. */
const SECRETS: ReadonlySet<string> = new Set([
  "fleetquake-api-keys",
  "fleetquake-bus",
  "fleetquake-insights",
  "fleetquake-redis",
]);

interface Pods {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  readonly container: Container;
}

function podsOf(objects: readonly KubernetesObject[]): readonly Pods[] {
  return objects
    .filter(({ kind }) => kind === "Deployment")
    .map(({ metadata, spec }) => {
      const template = spec?.template;
      const [container] = template?.spec.containers ?? [];
      if (template === undefined || container === undefined || !READ_BY.has(metadata.name)) {
        throw new Error(`${metadata.name} is no deployment of ours`);
      }
      return {
        name: metadata.name,
        labels: template.metadata.labels,
        spec: template.spec,
        container,
      };
    });
}

const matches = (
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, unknown>>,
): boolean => Object.entries(selector).every(([name, value]) => labels[name] === value);

describe.each(["base", "overlays/azure", "overlays/connection-string"])(
  "kustomize %s",
  (folder) => {
    it("has what runs an API and workers", async ({ skip }) => {
      const all = await render(folder, skip);
      const kinds = all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      const both = ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "ServiceAccount"];
      expect(kinds).toEqual(
        expect.arrayContaining([
          "Service fleetquake-api",
          ...both.flatMap((kind) => [`${kind} fleetquake-api`, `${kind} fleetquake-worker`]),
        ]),
      );
      expect(new Set(kinds).size).toBe(kinds.length);
      const namespaces = new Set(all.map(({ metadata }) => metadata.namespace));
      expect([...namespaces]).toEqual([folder === "base" ? undefined : "fleetquake"]);
    });

    it("selects pods that are there", async ({ skip }) => {
      const all = await render(folder, skip);
      const pods = podsOf(all);
      const selectors = all.flatMap(({ kind, metadata, spec }) => {
        const plain = kind === "Service" ? spec?.selector : undefined;
        const selector = plain ?? (spec?.selector ?? spec?.podSelector)?.matchLabels;
        return selector === undefined ? [] : [{ owner: metadata.name, selector }];
      });
      // A service, and for each app a deployment, a budget and a policy.
      expect(selectors).toHaveLength(7);
      for (const { owner, selector } of selectors) {
        const selected = pods.filter(({ labels }) => matches(labels, selector));
        expect(selected.map(({ name }) => name)).toEqual([owner]);
      }
    });

    it("names ports, accounts and settings that are there", async ({ skip }) => {
      const all = await render(folder, skip);
      const names = (kind: string): readonly string[] =>
        all.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
      for (const { spec, container } of podsOf(all)) {
        expect(names("ServiceAccount")).toContain(spec.serviceAccountName);
        for (const { valueFrom } of container.env) {
          const { configMapKeyRef: settings, secretKeyRef: secret } = valueFrom ?? {};
          const map = all.find(
            ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === settings?.name,
          );
          expect(settings === undefined || map?.data?.[settings.key] !== undefined).toBe(true);
          expect(secret === undefined || SECRETS.has(secret.name)).toBe(true);
        }
      }
      const service = all.find(({ kind }) => kind === "Service")?.spec;
      expect(service?.ports?.map(({ targetPort }) => targetPort)).toEqual(["http"]);
      for (const { name, container } of podsOf(all)) {
        const [port] = container.ports ?? [];
        const policy = all.find(
          ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === name,
        );
        const opened = policy?.spec?.ingress?.flatMap((rule) => rule.ports ?? []);
        expect(opened?.map((entry) => entry.port)).toEqual([port?.name]);
        const told = container.env.find((entry) => /^APP_PORT$|_METRICS_PORT$/.test(entry.name));
        expect(told?.value).toBe(String(port?.containerPort));
      }
    });

    it("tells Application Insights where somebody has made its secret", async ({ skip }) => {
      const told = podsOf(await render(folder, skip)).map(({ container }) =>
        container.env.find(({ name }) => name === "APPLICATIONINSIGHTS_CONNECTION_STRING"),
      );
      const from = { name: "fleetquake-insights", key: "connection-string", optional: true };
      expect(told).toMatchObject([
        { valueFrom: { secretKeyRef: from } },
        { valueFrom: { secretKeyRef: from } },
      ]);
    });

    it("sets only variables that the apps read, each once, as text", async ({ skip }) => {
      const all = await render(folder, skip);
      for (const { name, container } of podsOf(all)) {
        const set = container.env.map((entry) => entry.name);
        expect(set.filter((variable) => READ_BY.get(name)?.has(variable) !== true)).toEqual([]);
        expect(new Set(set).size).toBe(set.length);
        const values = container.env.flatMap(({ value }) =>
          value === undefined ? [] : [typeof value],
        );
        expect(new Set(values)).toEqual(new Set(["string"]));
        const bus = set.filter((variable) => /^FLEETQUAKE_BUS_(?!TIER)/.test(variable));
        expect(bus).toHaveLength(folder === "base" ? 0 : 1);
      }
    });

    it("runs nobody as root or with a file system to write to", async ({ skip }) => {
      const all = await render(folder, skip);
      for (const { spec, container } of podsOf(all)) {
        expect(spec).toMatchObject({
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        });
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
    });

    it("probes the API by paths and names that it answers to, and routes to it also without Redis", async ({
      skip,
    }) => {
      const all = await render(folder, skip);
      const { app } = makeTestApp();
      await using _closing = { [Symbol.asyncDispose]: () => app.close() };
      const api = podsOf(all).find(({ name }) => name === "fleetquake-api")?.container;
      for (const probe of [api?.startupProbe, api?.livenessProbe, api?.readinessProbe]) {
        const { path, port, httpHeaders } = probe?.httpGet ?? {
          path: "",
          port: "",
          httpHeaders: [],
        };
        expect(api?.ports?.map(({ name }) => name)).toContain(port);
        const headers = Object.fromEntries(
          httpHeaders.map(({ name, value }) => [name.toLowerCase(), value]),
        );
        const answer = await app.inject({ method: "GET", url: path, headers });
        expect([200, 503]).toContain(answer.statusCode);
        const byAddress = await app.inject({
          method: "GET",
          url: path,
          headers: { host: "10.1.2.3:8000" },
        });
        expect(byAddress.statusCode).toBe(403);
      }
      expect(all.find(({ kind }) => kind === "Service")?.spec?.publishNotReadyAddresses).toBe(true);
    });
  },
);

describe("kustomize base", () => {
  it("probes workers by a path that they answer to", async ({ skip }) => {
    const all = await render("base", skip);
    const worker = podsOf(all).find(({ name }) => name === "fleetquake-worker")?.container;
    const paths = [worker?.startupProbe, worker?.livenessProbe].map((probe) => probe?.httpGet.path);
    const readme = repositoryFile("apps/worker/README.md");
    expect(paths).toEqual(["/livez", "/livez"]);
    expect(readme).toContain("`GET /livez`");
  });
});

describe("kustomize overlays/azure", () => {
  it("gives each app an identity of its own", async ({ skip }) => {
    const all = await render("overlays/azure", skip);
    const ids = all
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ metadata }) => metadata.annotations?.["azure.workload.identity/client-id"]);
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => /^[0-9a-f-]{36}$/.test(id ?? ""))).toBe(true);
    const uses = podsOf(all).map(({ labels }) => labels["azure.workload.identity/use"]);
    expect(uses).toEqual(["true", "true"]);
  });
});
