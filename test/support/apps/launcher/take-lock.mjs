// Takes a lock, checks that nobody else is inside, stays a moment, leaves. Parameters: module of takeLock, lock file, a file
// that exists only while somebody is inside.
import { closeSync, openSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const [module, path, inside] = process.argv.slice(2);
const { takeLock } = await import(module);
const lock = await takeLock(path, { timeoutInMs: 20_000, onWait: () => undefined });
closeSync(openSync(inside, "wx"));
await pause(20);
rmSync(inside);
lock.release();
