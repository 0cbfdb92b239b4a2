import { FakeClock } from "@fleetquake/contract/testing";
import { expect, it } from "vitest";
import { createServiceBusClient } from "./create-service-bus-client.ts";
import { reuseClaims } from "./reuse-claims.ts";

const SAS = "servicebus.windows.net:sastoken";
const JWT = "jwt";
const silent = { opened: () => undefined, heard: () => undefined, closed: () => undefined };

/** A real client of the SDK, never connected, whose negotiations are counted instead of sent. */
async function arrange() {
  const credential = { getToken: () => Promise.reject(new Error("not asked for")) };
  const client = await createServiceBusClient({ namespace: "a.example", credential }, silent);
  const session: object = Reflect.get(Reflect.get(client, "_connectionContext"), "cbsSession");
  const asked: unknown[] = [];
  const broker = { refuses: false };
  Reflect.set(session, "negotiateClaim", async (...args: readonly unknown[]) => {
    asked.push(args[1]);
    await Promise.resolve();
    if (broker.refuses) {
      throw new Error("refused");
    }
  });
  const clock = new FakeClock();
  reuseClaims(client, clock);
  // As the SDK calls it, for every link that it opens.
  const negotiate = (audience: string, token: string, type: string): Promise<void> =>
    Reflect.apply(Reflect.get(session, "negotiateClaim"), session, [audience, token, type, {}]);
  return { clock, asked, broker, negotiate };
}

it("asks once for the links of an entity, and for another entity again", async () => {
  const { asked, negotiate } = await arrange();
  await negotiate("sb://a/locks", "first", SAS);
  await negotiate("sb://a/locks", "second", SAS);
  await negotiate("sb://a/events", "third", SAS);
  expect(asked).toEqual(["first", "third"]);
});

it("asks again long before a shared access signature ends", async () => {
  const { asked, clock, negotiate } = await arrange();
  await negotiate("sb://a/locks", "first", SAS);
  await clock.advance(599_999);
  await negotiate("sb://a/locks", "second", SAS);
  await clock.advance(1);
  await negotiate("sb://a/locks", "third", SAS);
  expect(asked).toEqual(["first", "third"]);
});

it("puts a token of Entra ID as soon as the credential has another one", async () => {
  const { asked, negotiate } = await arrange();
  await negotiate("sb://a/locks", "token", JWT);
  await negotiate("sb://a/locks", "token", JWT);
  await negotiate("sb://a/locks", "renewed", JWT);
  expect(asked).toEqual(["token", "renewed"]);
});

it("does not take a refused claim for one that holds", async () => {
  const { asked, broker, negotiate } = await arrange();
  broker.refuses = true;
  await expect(negotiate("sb://a/locks", "first", SAS)).rejects.toThrow("refused");
  broker.refuses = false;
  await negotiate("sb://a/locks", "second", SAS);
  await negotiate("sb://a/locks", "third", SAS);
  expect(asked).toEqual(["first", "second"]);
});

it("leaves a client of another shape as it is", async () => {
  const client = await createServiceBusClient({ namespace: "a.example" }, silent);
  Reflect.set(client, "_connectionContext", undefined);
  expect(() => reuseClaims(client, new FakeClock())).not.toThrow();
});
