import { TOPOLOGY } from "@fleetquake/bus/topology";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { repositoryFile } from "../support/repository.ts";

interface Entity {
  readonly Name: string;
  readonly Properties: {
    readonly DefaultMessageTimeToLive: string;
    readonly LockDuration?: string;
    readonly RequiresSession?: boolean;
  };
}

interface Rule {
  readonly Name: string;
  readonly Properties: {
    readonly FilterType: string;
    readonly SqlFilter?: { readonly SqlExpression: string };
  };
}

interface Topic extends Entity {
  readonly Subscriptions: readonly (Entity & { readonly Rules: readonly Rule[] })[];
}

interface EmulatorConfig {
  readonly UserConfig: {
    readonly Namespaces: readonly {
      readonly Name: string;
      readonly Queues: readonly Entity[];
      readonly Topics: readonly Topic[];
    }[];
  };
}

const config: EmulatorConfig = JSON.parse(repositoryFile("infra/compose/microsoft-emulator.json"));
const { services }: { readonly services: Readonly<Record<string, object>> } = parse(
  repositoryFile("infra/compose/microsoft-emulator.yml"),
  { merge: true },
);

/**
 * Limits of the emulator: https://learn.microsoft.com/azure/service-bus-messaging/overview-emulator and
 * ServiceBus-Emulator/Schema/Config-schema.json in github.com/Azure/azure-service-bus-emulator-installer.
 */
const MOST_CONNECTIONS = 10;
const CONNECTIONS = { api: 2, worker: 1 } as const;
const ALLOWED_TTL = new Set(["PT5M", "PT1H"]);

describe("Microsoft's emulator in the compose file", () => {
  const [namespace] = config.UserConfig.Namespaces;

  it("has the fleet's entities under the one name that it takes for its namespace", () => {
    expect(config.UserConfig.Namespaces.map(({ Name }) => Name)).toEqual(["sbemulatorns"]);
    expect(namespace?.Topics.map(({ Name }) => Name)).toEqual([
      TOPOLOGY.commandsTopic,
      TOPOLOGY.eventsTopic,
    ]);
    expect(namespace?.Queues).toMatchObject([
      {
        Name: TOPOLOGY.locksQueue,
        Properties: { RequiresSession: true, LockDuration: TOPOLOGY.lockDuration },
      },
    ]);
  });

  it("keeps to its limits: at least one subscription in each topic, here one that takes nothing, and at most an hour to live", () => {
    const topics = namespace?.Topics ?? [];
    const rules = topics.map(({ Subscriptions }) =>
      Subscriptions.flatMap(({ Rules }) => Rules.map(({ Properties }) => Properties)),
    );
    const nothing = { FilterType: "Sql", SqlFilter: { SqlExpression: "1=0" } };
    expect(rules).toEqual([[nothing], [nothing]]);
    const all = [
      ...(namespace?.Queues ?? []),
      ...topics,
      ...topics.flatMap((topic) => topic.Subscriptions),
    ];
    const spans = all.map(({ Properties }) => Properties.DefaultMessageTimeToLive);
    expect(spans).toHaveLength(5);
    expect(spans.filter((span) => !ALLOWED_TTL.has(span))).toEqual([]);
  });

  it("serves no more connections than it can", () => {
    const count = (kind: "api" | "worker"): number =>
      Object.keys(services).filter((name) => name.startsWith(`${kind}-`)).length *
      CONNECTIONS[kind];
    expect([count("api"), count("worker")]).toEqual([4, 3]);
    expect(count("api") + count("worker")).toBeLessThanOrEqual(MOST_CONNECTIONS);
  });
});
