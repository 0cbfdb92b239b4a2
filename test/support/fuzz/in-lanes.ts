/** How many cases are under way at once. */
const LANES = 10;

/** Runs the cases from `first` to before `end`, several at a time; each promise is one lane's. */
export function inLanes(
  first: number,
  end: number,
  run: (number: number) => Promise<void>,
): readonly Promise<void>[] {
  let next = first;
  const lane = async (): Promise<void> => {
    while (next < end) {
      next += 1;
      await run(next - 1);
    }
  };
  return Array.from({ length: LANES }, lane);
}
