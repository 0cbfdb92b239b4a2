/** More than two slips of the finger are another word. */
const MOST_SLIPS = 2;

/** The known name that a misspelt one is nearest to; null when none is near. */
export function closestName(name: string, known: readonly string[]): string | null {
  let closest: string | null = null;
  let fewest = MOST_SLIPS + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) <= MOST_SLIPS) {
      const slips = slipsBetween(name.toLowerCase(), candidate);
      if (slips < fewest) {
        fewest = slips;
        closest = candidate;
      }
    }
  }
  return closest;
}

/** Levenshtein's distance, by rows. */
function slipsBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_unused, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const slipped = Math.min(above[column] ?? 0, current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, slipped));
    }
    above = current;
  }
  return above[to.length] ?? 0;
}
