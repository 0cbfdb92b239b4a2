import type { FleetPlan } from "../fleet/fleet-plan.ts";

/** A command for the user's shell that starts a server like the fleet's own on the same address. */
export function redisRestartCommand(redis: FleetPlan["redis"], url: string): string {
  const { port } = new URL(url);
  switch (redis.kind) {
    case "executable":
      return `${redis.path} --port ${port} --bind 127.0.0.1 --save ""`;
    case "docker":
      return `docker run --rm -p 127.0.0.1:${port}:6379 ${redis.image} redis-server --protected-mode no --save ""`;
    case "given":
      return "start the server that REDIS_URL names";
  }
}
