// An application of a user beside an embedded fleet: told by --env-file where Redis is, made a replica by the preload.
import { Redis } from "ioredis";

const redis = new Redis(process.env.REDIS_URL);
redis.on("error", () => undefined);
await redis.ping();
process.send({ ready: true });
process.on("message", () => undefined);
