import type { ClientRow, RedisEndpoint } from "../control/redis-control.ts";

/** One call of `RedisControl` on its way to the thread that holds the connection. */
export type ControlCall =
  | {
      readonly method: "clientList";
      readonly endpoint: RedisEndpoint;
      readonly ids: readonly string[] | null;
      readonly timeoutInMs: number;
    }
  | {
      readonly method: "unblock";
      readonly endpoint: RedisEndpoint;
      readonly ids: readonly string[];
      readonly timeoutInMs: number;
    }
  | { readonly method: "localAddresses" };

/** The answer by the method that was called. */
export type ControlAnswer =
  | { readonly method: "clientList"; readonly rows: readonly ClientRow[] | null }
  | { readonly method: "unblock"; readonly isDone: boolean }
  | { readonly method: "localAddresses"; readonly addresses: readonly string[] };
