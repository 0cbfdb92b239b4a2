/**
 * Does the work of a job and counts the run, in one step.
 *
 * KEYS: the job's hash, its lock, the count of all jobs, what was done last (all of one queue, and so of one hash slot
 * where the prefix has a hash tag). ARGV: the lock's token, which start of the job this is, what to write, for how many
 * seconds. Returns {run, total}, or {} when the lock is not held with that token.
 *
 * The counts stand in the job's hash, beside BullMQ's own fields: they live exactly as long as the job does.
 */
export const RUN_SCRIPT = `
if redis.call("GET", KEYS[2]) ~= ARGV[1] then
  return {}
end
local last = redis.call("HMGET", KEYS[1], "fleetquake:start", "fleetquake:run", "fleetquake:total")
if last[1] == ARGV[2] then
  return {last[2], last[3]}
end
local run = redis.call("HINCRBY", KEYS[1], "fleetquake:run", 1)
local total = redis.call("INCR", KEYS[3])
redis.call("SET", KEYS[4], ARGV[3], "EX", ARGV[4])
redis.call("HSET", KEYS[1], "fleetquake:start", ARGV[2], "fleetquake:total", total)
return {run, total}
`;
