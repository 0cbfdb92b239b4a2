import { DefaultAzureCredential } from "@azure/identity";
import { expect, it } from "vitest";
import { createAdministrationClient } from "./create-administration-client.ts";
import { createServiceBusClient, resolveCredential } from "./create-service-bus-client.ts";

const silent = { opened: () => undefined, heard: () => undefined, closed: () => undefined };
const namespace = "fleet.servicebus.windows.net";

it("uses Azure's default credential for a namespace, unless one is given", async () => {
  const credential = { getToken: () => Promise.resolve({ token: "t", expiresOnTimestamp: 0 }) };
  await expect(resolveCredential({})).resolves.toBeInstanceOf(DefaultAzureCredential);
  await expect(resolveCredential({ credential })).resolves.toBe(credential);
});

it("talks to the namespace that it is given", async () => {
  const client = await createServiceBusClient({ namespace }, silent);
  expect(client.fullyQualifiedNamespace).toBe(namespace);
  await client.close();
});

it("sends no secret and asks for a token when it manages a namespace", async () => {
  const scopes: unknown[] = [];
  const credential = {
    getToken: (scope: unknown) => {
      scopes.push(scope);
      return Promise.reject(new Error("no token today"));
    },
  };
  const client = await createAdministrationClient({ namespace, credential });
  await expect(client.getNamespaceProperties()).rejects.toThrow("no token today");
  expect(scopes.flat()).toEqual([expect.stringContaining("servicebus.azure.net")]);
});
