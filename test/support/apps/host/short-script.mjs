// A script that does its work and ends by itself, with an exit code of its own.
import { Redis } from "ioredis";

const redis = new Redis(process.env.APP_REDIS_URL);
await redis.set("short-script:done", "yes");
await redis.quit();
process.exitCode = 7;
process.stdout.write("done\n");
