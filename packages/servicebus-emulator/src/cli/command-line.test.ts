import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { cliOptions, helpText } from "./cli-options.ts";
import { readCommandLine } from "./command-line.ts";
import { maskKey } from "./mask-key.ts";

const environment = { SERVICEBUS_EMULATOR_KEY: "secret" };
const directory = mkdtempSync(join(tmpdir(), "servicebus-emulator-"));

function problemsOf(args: readonly string[], given = environment): readonly string[] {
  const read = readCommandLine(args, given);
  return read.kind === "refused" ? read.problems : [];
}

describe("a command line", () => {
  it("has the ports of Service Bus and of Microsoft's emulator unless it says otherwise", () => {
    expect(readCommandLine([], environment)).toEqual({
      kind: "run",
      showsKey: false,
      broker: expect.objectContaining({ port: 5672, adminPort: 5300, sharedAccessKey: "secret" }),
    });
    expect(readCommandLine(["--port=0", "--admin-port", "7"], environment)).toMatchObject({
      broker: { port: 0, adminPort: 7 },
    });
  });

  it("is refused with everything that is wrong, not only the first", () => {
    const file = join(directory, "wrong.json");
    writeFileSync(file, JSON.stringify({ UserConfig: { Namespaces: [{ Queues: [{}] }] } }));
    const args = [
      "--prot",
      "1",
      "--port",
      "x",
      "--admin-port",
      "70000",
      "here",
      "--show-key=yes",
      "--host=0.0.0.0",
    ];
    expect(
      problemsOf([...args, "--config", file, "--tls-cert", "c.pem"], {
        SERVICEBUS_EMULATOR_KEY: "",
      }),
    ).toEqual([
      "--prot is not known; see --help.",
      "'1' is no option; see --help.",
      "'here' is no option; see --help.",
      "--show-key takes no value.",
      "--tls-cert and --tls-key must be given together.",
      "--port must be a number from 0 to 65535, not 'x'.",
      "--admin-port must be a number from 0 to 65535, not '70000'.",
      "--host must be a loopback address (127.0.0.1, ::1, localhost), not '0.0.0.0'.",
      "Set SERVICEBUS_EMULATOR_KEY to the key that clients are to use, or give --key-file FILE, which makes one.",
      "--config: UserConfig.Namespaces[0].Queues[0].Name must be there: the name of the queue.",
    ]);
  });

  it("is refused when an option has no value or is there twice", () => {
    expect(problemsOf(["--port", "1", "--port", "2", "--config"])).toEqual([
      "--port is there twice.",
      "--config needs a value: --config FILE.",
    ]);
  });

  it("is refused when a file cannot be read or is not JSON", () => {
    const file = join(directory, "text.json");
    writeFileSync(file, "{");
    expect(problemsOf(["--config", "/missing.json"])).toEqual([
      "--config: '/missing.json' cannot be read (ENOENT).",
    ]);
    expect(problemsOf(["--config", file])[0]).toContain("is not JSON");
  });

  it("is refused when certificate and key are none, without showing what is in them", () => {
    const file = join(directory, "none.pem");
    writeFileSync(file, "not-a-pem-but-perhaps-secret");
    const [problem] = problemsOf(["--tls-cert", file, "--tls-key", file]);
    expect(problem).toContain("--tls-cert and --tls-key: They must be a certificate in PEM");
    expect(problem).not.toContain("perhaps-secret");
  });
});

describe("a key file", () => {
  it("is made with a new key that only its owner can read, and read at the next start", () => {
    const file = join(directory, "key");
    const keyOf = (): unknown => {
      const read = readCommandLine(["--key-file", file], {});
      return read.kind === "run" ? read.broker.sharedAccessKey : undefined;
    };
    const key = String(keyOf());
    expect(Buffer.from(key, "base64")).toHaveLength(32);
    expect(readFileSync(file, "utf8")).toBe(`${key}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(keyOf()).toBe(key);
  });

  it("is refused when it holds no key, without showing what it holds", () => {
    const file = join(directory, "no-key");
    writeFileSync(file, "two words");
    expect(problemsOf(["--key-file", file])).toEqual([
      `--key-file: '${file}' must hold one key, without spaces and semicolons.`,
    ]);
  });
});

it("shows a connection string without its key", () => {
  expect(maskKey("Endpoint=sb://h;SharedAccessKeyName=n;SharedAccessKey=a=;X=y")).toBe(
    "Endpoint=sb://h;SharedAccessKeyName=n;SharedAccessKey=***;X=y",
  );
});

it("lists every option in the help and in the README", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  for (const { name, value } of cliOptions) {
    const head = value === undefined ? `--${name}` : `--${name} ${value}`;
    expect(helpText()).toContain(head);
    expect(readme).toContain(`\`${head}\``);
  }
});
