// Preload: this process's wall clock is SHIFT_MS off, in every thread; the monotonic clock is right, as on a real
// machine whose time was set wrong. With SHIFT_FILE it is set while the process runs, to as many milliseconds as the file
// says.
import { readFileSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

const LOOKS_EVERY_IN_MS = 20;
// Node itself may load the preloads of a process into its threads, which are handed this one below.
const isLoaded = Symbol.for("shifted-clock");

if (globalThis[isLoaded] === undefined) {
  globalThis[isLoaded] = true;
  shiftClock();
  if (isMainThread) {
    shiftThreads();
  }
}

function shiftClock() {
  const file = process.env.SHIFT_FILE;
  let shiftInMs = Number(process.env.SHIFT_MS ?? 0);
  if (file !== undefined) {
    const look = () => (shiftInMs = Number(readFileSync(file, "utf8")));
    look();
    setInterval(look, LOOKS_EVERY_IN_MS).unref();
  }
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
}

function shiftThreads() {
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
