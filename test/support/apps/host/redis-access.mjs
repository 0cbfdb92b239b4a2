// An application that opens its way to Redis as its environment says, makes a client, and ends.
import { setTimeout as pause } from "node:timers/promises";
import { openRedisAccess, readRedisSettings } from "@fleetquake/redis";

const access = openRedisAccess(readRedisSettings(process.env, []));
const client = access.connect({ lazyConnect: true });
await pause(Number(process.env.LIVES_FOR_MS));
client.disconnect();
access[Symbol.dispose]();
process.stdout.write("over\n");
process.exit(0);
