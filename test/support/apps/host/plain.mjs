// How a process can end: `plain.mjs <how> [told]`, at once or when it is told so on stdin. It uses no Redis, so that only
// the agent could keep it alive or change its end.
const [how, when] = process.argv.slice(2);

const ends = {
  return: () => undefined,
  "exit-code": () => (process.exitCode = 7),
  exit: () => process.exit(3),
  throw: () => {
    throw new Error("the application's own mistake");
  },
  reject: () => {
    void Promise.reject(new Error("the application's own rejection"));
  },
  "handle-sigterm": () => {
    process.on("SIGTERM", () => process.exit(42));
    setInterval(() => undefined, 1_000);
  },
  stay: () => setInterval(() => undefined, 1_000),
};

process.on("exit", (code) => process.stdout.write(`exit ${code}\n`));
process.stdout.write(
  `listeners ${process.listenerCount("SIGTERM") + process.listenerCount("SIGINT")}\n`,
);
process.stdout.write("running\n");
if (when === "told") {
  process.stdin.once("data", () => {
    process.stdin.destroy();
    ends[how]();
  });
} else {
  ends[how]();
  process.stdout.write("ready\n");
}
