import { AsyncResource } from "node:async_hooks";
import { putMethod } from "../sockets/put-method.ts";
import { readMethod } from "../sockets/read-method.ts";
import type { ConnectAttempt } from "./connect-attempt.ts";

/** The end of a block comes from another thread; a retransmitted SYN would take a second and more to notice it. */
const LOOK_EVERY_IN_MS = 25;

interface Held {
  readonly attempt: ConnectAttempt;
  readonly retry: () => void;
  /** Gives the handle its own `close` back. */
  readonly release: () => void;
}

/**
 * Attempts to connect that nobody answers. Each waits until Node gives it up by closing its handle (the socket was
 * destroyed, or the next address of a name has its turn), or until it may go on.
 *
 * A timer runs only while something waits. Like an attempt that is under way in the kernel it keeps the process alive
 * as long as its socket does: a script that waits for nothing but its connection must not end because of us.
 */
export class HeldAttempts {
  readonly #mayGoOn: (attempt: ConnectAttempt) => boolean;
  readonly #held = new Map<object, Held>();
  #timer: NodeJS.Timeout | undefined;

  /** @param mayGoOn whether an attempt is to be made anew */
  constructor(mayGoOn: (attempt: ConnectAttempt) => boolean) {
    this.#mayGoOn = mayGoOn;
  }

  /** @returns false when its end could not be noticed: it is not held then. */
  hold(attempt: ConnectAttempt): boolean {
    const { handle } = attempt;
    const close = readMethod(handle, "close");
    if (close === undefined) {
      return false;
    }
    const release = putMethod(handle, "close", (...args) => {
      this.#forget(handle);
      return Reflect.apply(close, handle, args);
    });
    // The application's listeners are called from there later, in the context in which it connected.
    const retry = AsyncResource.bind(() => attempt.retry());
    this.#held.set(handle, { attempt, retry, release });
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_IN_MS);
    this.#updateReference();
    return true;
  }

  /** Lets all of them go on. */
  releaseAll(): void {
    for (const held of this.#held.values()) {
      this.#letGo(held);
    }
  }

  #look(): void {
    for (const held of this.#held.values()) {
      if (this.#mayGoOn(held.attempt)) {
        this.#letGo(held);
      }
    }
    this.#updateReference();
  }

  #letGo({ attempt, retry }: Held): void {
    this.#forget(attempt.handle);
    retry();
  }

  #forget(handle: object): void {
    this.#held.get(handle)?.release();
    this.#held.delete(handle);
    if (this.#held.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #updateReference(): void {
    if ([...this.#held.keys()].some(isReferenced)) {
      this.#timer?.ref();
    } else {
      this.#timer?.unref();
    }
  }
}

/** `socket.unref()` is passed on to the handle. */
function isReferenced(handle: object): boolean {
  const hasRef = readMethod(handle, "hasRef");
  return hasRef !== undefined && Reflect.apply(hasRef, handle, []) === true;
}
