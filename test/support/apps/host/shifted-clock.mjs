// Preload: this process's wall clock is SHIFT_MS off, in every thread; the monotonic clock is right, as on a real
// machine whose time was set wrong.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

const shiftInMs = Number(process.env.SHIFT_MS);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) {
      super(RealDate.now() + shiftInMs);
    } else {
      super(...parts);
    }
  }

  static now() {
    return RealDate.now() + shiftInMs;
  }
};

if (isMainThread) {
  const threads = createRequire(import.meta.url)("node:worker_threads");
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(file, options) {
      const source = `await import(${JSON.stringify(import.meta.url)}); await import(${JSON.stringify(String(file))});`;
      super(new URL(`data:text/javascript,${encodeURIComponent(source)}`), options);
    }
  };
  syncBuiltinESMExports();
}
