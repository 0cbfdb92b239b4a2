import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { JobLedger, QueueCounts } from "@fleetquake/jobs";

/** What the application can be told to do, see `apps/jobs/feeding.mjs`. */
interface Methods {
  start(jobsPerSecond: number): null;
  stop(): null;
  ledger(): JobLedger;
  settle(timeoutInMs: number): JobLedger;
  counts(): QueueCounts;
  close(): null;
}

/** A process that feeds the workers' queue and takes part in the fleet as `feeder`. */
export interface FeedingApp extends AsyncDisposable {
  call<Name extends keyof Methods>(
    name: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
}

interface Answer<Result> {
  readonly id: number | "ready";
  readonly result: Result;
  readonly error?: string;
}

const APP = fileURLToPath(new URL("apps/jobs/feeding.mjs", import.meta.url));
const START_TIMEOUT_IN_MS = 30_000;
const CALL_TIMEOUT_IN_MS = 120_000;

/** Starts the feeder in a fleet; it adds nothing until it is told to. */
export async function startFeedingApp(fleet: {
  readonly redisUrl: string;
  readonly busConnectionString: string;
}): Promise<FeedingApp> {
  const child = fork(APP, {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      PATH: process.env["PATH"],
      REDIS_URL: fleet.redisUrl,
      FLEETQUAKE_BUS_CONNECTION_STRING: fleet.busConnectionString,
      FLEETQUAKE_REPLICA_ID: "feeder",
    },
  });
  await answerTo<null>(child, { id: "ready", timeoutInMs: START_TIMEOUT_IN_MS });
  let lastId = 0;
  return {
    async call(name, ...args) {
      lastId += 1;
      const answer = answerTo<ReturnType<Methods[typeof name]>>(child, {
        id: lastId,
        timeoutInMs: CALL_TIMEOUT_IN_MS,
      });
      child.send({ id: lastId, method: name, args });
      const { result, error } = await answer;
      if (error !== undefined) {
        throw new Error(error);
      }
      return result;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
    },
  };
}

/** The application is a plain module: its answers are of the types above by agreement. */
function answerTo<Result>(
  child: ChildProcess,
  options: { readonly id: Answer<Result>["id"]; readonly timeoutInMs: number },
): Promise<Answer<Result>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail("no answer in time"), options.timeoutInMs);
    const stop = (): void => {
      clearTimeout(timer);
      child.off("message", take);
      child.off("exit", died);
    };
    const fail = (reason: string): void => {
      stop();
      reject(new Error(`the feeding application: ${reason}`));
    };
    const take = (message: Answer<Result>): void => {
      if (message.id === options.id) {
        stop();
        resolve(message);
      }
    };
    const died = (): void => fail("it ended");
    child.on("message", take);
    child.on("exit", died);
  });
}
