import { describe, expect, it } from "vitest";
import { agentSettings } from "./agent-settings.ts";

const bus =
  "Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=a;SharedAccessKey=s3cret;UseDevelopmentEmulator=true";

describe("agentSettings", () => {
  it("fills in the defaults: a worker that consents to redis-reset alone", () => {
    expect(agentSettings({ bus })).toMatchObject({
      bus: { connectionString: bus },
      role: "worker",
      labels: {},
      allow: ["redis-reset"],
      redis: null,
      usesRedis: true,
      heartbeatIntervalInMs: 1_000,
    });
    expect(agentSettings({ bus, redis: false })).toMatchObject({ redis: null, usesRedis: false });
  });

  it("names every option that is wrong, and no secret", () => {
    const start = (): unknown =>
      agentSettings({
        bus: "SharedAccessKeyName=a;SharedAccessKey=s3cret",
        role: "",
        replicaId: "x".repeat(257),
        labels: { ["x".repeat(64)]: "1" },
        heartbeatIntervalInMs: 1,
        redis: { url: "nonsense" },
        commandPublicKey: "nonsense",
      });
    const options = ["bus", "role", "replicaId", "labels", "heartbeatIntervalInMs", "redis"];
    for (const option of [...options, "commandPublicKey"]) {
      expect(start).toThrow(new RegExp(`\\b${option}\\b`));
    }
    expect(start).not.toThrow(/s3cret/);
    expect(start).toThrow(TypeError);
  });

  it("refuses what cannot cross to the agent's thread", () => {
    const tls = { checkServerIdentity: () => undefined };
    expect(() => agentSettings({ bus, redis: { host: "h", tls } })).toThrow(/redis/);
    const namespace = { namespace: "fleet.servicebus.windows.net", credential: {} };
    expect(() => agentSettings({ bus: namespace })).toThrow(/DefaultAzureCredential/);
  });
});
