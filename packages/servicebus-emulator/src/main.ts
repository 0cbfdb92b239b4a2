#!/usr/bin/env node
import { maskKey, readCommandLine } from "./command-line.ts";
import { startBroker } from "./start-broker.ts";

/** Runs a broker until the process is told to stop, or its parent is gone. */
async function main(): Promise<void> {
  const broker = await startBroker(readCommandLine(process.argv.slice(2), process.env));
  process.stdout.write(`${maskKey(broker.connectionString)}\n`);
  const stop = (): void => {
    broker.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        fail(error);
      },
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  process.once("disconnect", stop);
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`servicebus-emulator: ${reason}\n`);
  process.exit(1);
}

main().catch(fail);
