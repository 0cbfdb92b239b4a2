/** Beyond this an epoch would soon leave the integers that a number can hold: somebody made it up. */
const HIGHEST_PLAUSIBLE_EPOCH = 2 ** 52;

/** Whether an epoch that a message claims may raise the fleet's own. */
export function isPlausibleEpoch(epoch: number): boolean {
  return epoch < HIGHEST_PLAUSIBLE_EPOCH;
}
