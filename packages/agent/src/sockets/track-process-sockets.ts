import { Socket } from "node:net";
import { onEveryConnect } from "./connect-tap.ts";
import type { EndpointName } from "./endpoint-set.ts";
import { isOwn, markAsOwn } from "./own-socket.ts";
import { readMethod } from "./read-method.ts";
import type { SocketLedger } from "./socket-ledger.ts";

export interface TrackProcessSocketsOptions {
  /** Redis servers that are known beforehand, by name or address: their sockets count while they still connect. */
  readonly configuredEndpoints?: readonly EndpointName[];
}

/**
 * Feeds a ledger with every socket through which this thread talks to Redis, whatever client library opens it, those
 * that were open before included. Sockets of worker threads and of native clients do not pass through here.
 *
 * @returns ends the tracking; what the ledger holds stays.
 */
export function trackProcessSockets(
  ledger: SocketLedger,
  options: TrackProcessSocketsOptions = {},
): Disposable {
  for (const endpoint of options.configuredEndpoints ?? []) {
    ledger.endpoints.add(endpoint);
  }
  const stop = onEveryConnect({
    onConnect: (socket, target) => ledger.consider(socket, { target, adopted: false }),
    onWrapped(outer, inner) {
      if (isOwn(inner)) {
        markAsOwn(outer);
      } else {
        ledger.consider(outer, { target: ledger.forget(inner), adopted: false });
      }
    },
  });
  adoptOpenSockets(ledger);
  ledger.tracksProcess = true;
  return {
    [Symbol.dispose]() {
      stop();
      ledger.tracksProcess = false;
    },
  };
}

/** Sockets that keep the process alive are listed by Node; those that were unref'ed are not. */
function adoptOpenSockets(ledger: SocketLedger): void {
  const activeHandles = readMethod(process, "_getActiveHandles");
  const handles: unknown = activeHandles && Reflect.apply(activeHandles, process, []);
  for (const handle of Array.isArray(handles) ? handles : []) {
    if (handle instanceof Socket && isOutgoing(handle)) {
      ledger.consider(handle, { target: null, adopted: true });
    }
  }
}

function isOutgoing(socket: Socket): boolean {
  const isAccepted =
    Boolean(Reflect.get(socket, "_server")) || Boolean(Reflect.get(socket, "server"));
  return (
    !isAccepted && !socket.destroyed && (socket.connecting || socket.remoteAddress !== undefined)
  );
}
