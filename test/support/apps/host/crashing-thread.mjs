// Preload: on SIGUSR2 the agent's thread meets an error that nobody catches.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { isMainThread, parentPort } from "node:worker_threads";

if (isMainThread) {
  const threads = createRequire(import.meta.url)("node:worker_threads");
  const { Worker } = threads;
  let newest;
  threads.Worker = class extends Worker {
    constructor(file, options) {
      const source = `await import(${JSON.stringify(import.meta.url)}); await import(${JSON.stringify(String(file))});`;
      super(new URL(`data:text/javascript,${encodeURIComponent(source)}`), options);
      newest = this;
    }
  };
  syncBuiltinESMExports();
  process.on("SIGUSR2", () => newest.postMessage({ type: "crash" }, []));
} else {
  parentPort.on("message", ({ type }) => {
    if (type === "crash") {
      throw new Error("the thread's own mistake");
    }
  });
}
