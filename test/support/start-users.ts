import { KeepAliveClient, type TimedAnswer } from "./keep-alive-client.ts";

/** People who use an application all the time, each waiting for his answer before he asks again. */
export interface StartedUsers extends AsyncDisposable {
  /** How many answers there were so far. */
  readonly answers: number;
  /** Ends them; resolves with the answers that were no success. */
  stop(): Promise<readonly TimedAnswer[]>;
}

/** Starts users of `GET path`. */
export function startUsers(
  url: string,
  { users, path = "/" }: { readonly users: number; readonly path?: string },
): StartedUsers {
  const over = new AbortController();
  const client = new KeepAliveClient(url, users);
  const failures: TimedAnswer[] = [];
  let answers = 0;
  const use = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await client.get(path);
      answers += 1;
      if (answer.status !== 200) {
        failures.push(answer);
      }
    }
  };
  const all = Promise.all(Array.from({ length: users }, use));
  // Whoever stops them is told; until then a rejection is nobody's.
  all.catch(() => undefined);
  const stop = async (): Promise<readonly TimedAnswer[]> => {
    over.abort();
    try {
      await all;
    } finally {
      client[Symbol.dispose]();
    }
    return failures;
  };
  return {
    get answers() {
      return answers;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}
