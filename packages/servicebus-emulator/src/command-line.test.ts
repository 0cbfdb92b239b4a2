import { expect, it } from "vitest";

import { maskKey, readCommandLine } from "./command-line.ts";

const environment = { SERVICEBUS_EMULATOR_KEY: "secret" };

it("takes the port from the command line and the key from the environment", () => {
  expect(readCommandLine(["--port", "0"], environment)).toEqual({
    port: 0,
    sharedAccessKey: "secret",
  });
  expect(readCommandLine([], environment)).toMatchObject({ port: 5672 });
});

it("says what is wrong", () => {
  expect(() => readCommandLine([], {})).toThrow("SERVICEBUS_EMULATOR_KEY");
  expect(() => readCommandLine(["--port", "x"], environment)).toThrow("--port");
  expect(() => readCommandLine(["--prot", "1"], environment)).toThrow("--prot");
  expect(() => readCommandLine(["--config", "/missing.json"], environment)).toThrow("--config");
});

it("shows a connection string without its key", () => {
  expect(maskKey("Endpoint=sb://h;SharedAccessKeyName=n;SharedAccessKey=a=;X=y")).toBe(
    "Endpoint=sb://h;SharedAccessKeyName=n;SharedAccessKey=***;X=y",
  );
});
