import type { Context, ContextManager } from "@opentelemetry/api";

/**
 * What the SDK takes an item's operation from: the context of the call that tells of it. Calls only, no callbacks: nothing
 * of the application's is followed, as it would be with AsyncLocalStorage, at a price for every promise.
 */
export class CallContexts implements ContextManager {
  readonly #root: Context;
  #active: Context;

  constructor(root: Context) {
    this.#root = root;
    this.#active = root;
  }

  active(): Context {
    return this.#active;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const before = this.#active;
    this.#active = context;
    try {
      return fn.call(thisArg, ...args);
    } finally {
      this.#active = before;
    }
  }

  /** Nothing is followed: the callback runs in the context of whoever calls it. */
  bind<T>(_context: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#active = this.#root;
    return this;
  }
}
