import { isRecord } from "./is-record.ts";
import { startSampleApp, type StartSampleAppOptions } from "./start-sample-app.ts";

/** What an application can be told to do. It is a plain module: that it does so is by agreement. */
type MethodsOf<Methods> = { readonly [Name in keyof Methods]: (...args: never) => unknown };

/** A running application of which each method is called over IPC; `call` waits for its answer. */
export interface ToldApp<Methods extends MethodsOf<Methods>> extends AsyncDisposable {
  /** @throws Error with what the application threw, or what it printed when it ended or did not answer in time. */
  call<Name extends keyof Methods & string>(
    name: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
}

interface Answer<Result> {
  readonly id: number | "ready";
  readonly result: Result;
  readonly error?: string;
}

export interface StartToldAppOptions extends StartSampleAppOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** How long a call may take, the start included. */
  readonly timeoutInMs: number;
}

/** Starts a module that answers `{ id, method, args }` with `{ id, result }` or `{ id, error }`, at first "ready". */
export async function startToldApp<Methods extends MethodsOf<Methods>>(
  path: string,
  { env = {}, timeoutInMs, ...options }: StartToldAppOptions,
): Promise<ToldApp<Methods>> {
  const app = startSampleApp(path, env, options);
  const answerTo = <Result>(id: Answer<Result>["id"]): Promise<Answer<Result>> =>
    app.receive(
      (message): message is Answer<Result> => isRecord(message) && message["id"] === id,
      timeoutInMs,
    );
  let lastId = 0;
  try {
    await answerTo<null>("ready");
  } catch (error) {
    await app[Symbol.asyncDispose]();
    throw error;
  }
  return {
    async call(name, ...args) {
      lastId += 1;
      const id = lastId;
      app.send({ id, method: name, args });
      const { result, error } = await answerTo<ReturnType<Methods[typeof name]>>(id);
      if (error !== undefined) {
        throw new Error(error);
      }
      return result;
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}
