// A parent and a forked child: fork hands --import down, so that each of them is a replica.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

if (process.argv[2] === "child") {
  process.stdout.write(`child ${process.pid}\n`);
} else {
  const child = fork(fileURLToPath(import.meta.url), ["child"]);
  process.stdout.write(`parent ${process.pid}\n`);
  process.on("SIGTERM", () => {
    child.kill();
    process.exit(0);
  });
}
// The child ends with its parent.
process.on("disconnect", () => process.exit(0));
setInterval(() => undefined, 1_000);
