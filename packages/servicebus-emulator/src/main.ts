#!/usr/bin/env node
import { helpText } from "./cli/cli-options.ts";
import { readCommandLine } from "./cli/command-line.ts";
import { startText } from "./cli/start-text.ts";
import { startBroker } from "./start-broker.ts";

/** A broker that has not stopped by then is ended. */
const stopTimeoutInMs = 5000;

/** Runs a broker until the process is told to stop, or its parent is gone. */
async function main(): Promise<void> {
  const commandLine = readCommandLine(process.argv.slice(2), process.env);
  switch (commandLine.kind) {
    case "help":
      process.stdout.write(helpText());
      return;
    case "refused":
      fail(commandLine.problems.join("\n"));
      return;
    case "run": {
      const broker = await startBroker({ ...commandLine.broker, onWarning: warn });
      stopOnSignals(async () => {
        await broker.stop();
      });
      process.stdout.write(startText(broker, commandLine));
    }
  }
}

/** Ctrl-C reaches a process group and may come twice, so stopping twice is stopping once. */
function stopOnSignals(stop: () => Promise<void>): void {
  let isStopping = false;
  const onStop = (): void => {
    if (isStopping) {
      return;
    }
    isStopping = true;
    setTimeout(() => {
      fail(`It has not stopped within ${stopTimeoutInMs} ms.`);
    }, stopTimeoutInMs).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        fail(messageOf(error));
      },
    );
  };
  process.on("SIGINT", onStop);
  process.on("SIGTERM", onStop);
  process.on("disconnect", onStop);
}

function fail(text: string): void {
  process.stderr.write(linesOf(text), () => {
    process.exit(1);
  });
}

function warn(text: string): void {
  process.stderr.write(linesOf(text));
}

function linesOf(text: string): string {
  const lines = text.split("\n").map((line) => `servicebus-emulator: ${line}\n`);
  return lines.join("");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main().catch((error: unknown) => {
  fail(messageOf(error));
});
