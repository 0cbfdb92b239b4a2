import { describe, expect, it } from "vitest";
import { busEndpoint, readConnectionString } from "./bus-connection.ts";

const KEY = "SharedAccessKeyName=root;SharedAccessKey=c2VjcmV0==";

describe("the endpoint of a bus", () => {
  it.each([
    [
      `Endpoint=sb://fleet.servicebus.windows.net/;${KEY}`,
      "fleet.servicebus.windows.net",
      5671,
      true,
    ],
    [
      `Endpoint=sb://127.0.0.1:40123;${KEY};UseDevelopmentEmulator=true`,
      "127.0.0.1",
      40_123,
      false,
    ],
    [`Endpoint=sb://localhost/;${KEY};UseDevelopmentEmulator=true;`, "localhost", 5672, false],
    [`Endpoint=sb://[::1]:7001/;${KEY};UseDevelopmentEmulator=true`, "::1", 7001, false],
    [`Endpoint=sb://broker:7002/;${KEY};UseDevelopmentEmulator=false`, "broker", 7002, true],
  ])("of %s", (connectionString, host, port, isTls) => {
    expect(busEndpoint({ connectionString })).toEqual({ host, port, isTls });
  });

  it("is TLS for a namespace", () => {
    expect(busEndpoint({ namespace: "fleet.servicebus.windows.net" })).toEqual({
      host: "fleet.servicebus.windows.net",
      port: 5671,
      isTls: true,
    });
  });
});

describe("a broken connection string", () => {
  it.each([
    ["", "Endpoint"],
    [KEY, "Endpoint"],
    ["Endpoint=sb://host;SharedAccessKeyName=root", "SharedAccessKey"],
    ["Endpoint=sb://host;SharedAccessKey=c2VjcmV0", "SharedAccessKeyName"],
    [`Endpoint=no address;${KEY}`, "endpoint"],
    [`Endpoint=sb:;${KEY}`, "host"],
  ])("%j is refused by naming what is missing, without its secret", (connectionString, name) => {
    expect(() => readConnectionString(connectionString)).toThrow(name);
    expect(() => readConnectionString(connectionString)).not.toThrow("c2VjcmV0");
  });
});
