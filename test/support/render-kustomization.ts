import { parseAllDocuments } from "yaml";
import { findProgram } from "./find-program.ts";
import { repositoryPath } from "./repository.ts";
import { runProgram } from "./run-program.ts";

/** What the tests look at of an object of Kubernetes. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: KubernetesSpec;
}

interface Labels {
  readonly matchLabels: Readonly<Record<string, string>>;
}

interface KubernetesSpec {
  readonly selector?: Labels & Readonly<Record<string, unknown>>;
  readonly podSelector?: Labels;
  readonly publishNotReadyAddresses?: boolean;
  readonly ports?: readonly { readonly port: number; readonly targetPort: string | number }[];
  readonly ingress?: readonly { readonly ports?: readonly { readonly port: string | number }[] }[];
  readonly template?: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: PodSpec;
  };
}

/** A pod, as a deployment describes it. */
export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
}

/** A container of a pod. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly EnvironmentEntry[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}

interface Probe {
  readonly httpGet: {
    readonly path: string;
    readonly port: string;
    readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
  };
}

interface EnvironmentEntry {
  readonly name: string;
  readonly value?: unknown;
  readonly valueFrom?: {
    readonly configMapKeyRef?: { readonly name: string; readonly key: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
}

/** A program that renders; or why there is none. */
export type Kustomize =
  | { readonly render: (folder: string) => Promise<readonly KubernetesObject[]> }
  | { readonly missing: string };

/** Finds kustomize 4 or later, by itself or in kubectl; Debian's kubectl 1.20 has version 2, which knows half of it. */
export async function findKustomize(): Promise<Kustomize> {
  const kustomize = findProgram("kustomize");
  const kubectl = findProgram("kubectl");
  if (kustomize !== null) {
    return { render: (folder) => render(kustomize, ["build", folder]) };
  }
  if (kubectl === null) {
    return { missing: "neither kustomize nor kubectl is on the PATH" };
  }
  const { stdout } = await runProgram(kubectl, ["version", "--client"]);
  const version = /Kustomize Version: v(\d+)/.exec(stdout)?.[1];
  return version !== undefined && Number(version) >= 4
    ? { render: (folder) => render(kubectl, ["kustomize", folder]) }
    : { missing: `kubectl here has no kustomize of version 4 or later (${stdout.trim()})` };
}

async function render(
  program: string,
  parameters: readonly string[],
): Promise<readonly KubernetesObject[]> {
  const result = await runProgram(program, parameters, { cwd: repositoryPath("infra/kubernetes") });
  if (result.code !== 0) {
    throw new Error(`${program} ${parameters.join(" ")}: ${result.stderr}`);
  }
  if (result.stderr !== "") {
    throw new Error(`${program} warns: ${result.stderr}`);
  }
  return parseAllDocuments(result.stdout).map((document): KubernetesObject => document.toJS());
}
