/** Whether this run has the stated sizes. */
export const IS_FULL_SIZE = process.env["FLEETQUAKE_TEST_SIZE"] === "full";

/**
 * The seed of this run: `FLEETQUAKE_FUZZ_SEED`, or else 1 in the short run, which is the same every time, and any in the
 * full one, which looks where nobody has looked yet.
 */
export function readFuzzSeed(): number {
  const given = process.env["FLEETQUAKE_FUZZ_SEED"];
  return given !== undefined
    ? Number(given)
    : IS_FULL_SIZE
      ? Math.floor(Math.random() * 2 ** 31)
      : 1;
}
