/** How connections are closed in a cell. */
export type ResetMode = "force" | "drain";

/** What is measured: every combination, and for each count of workers and rate one run without resets. */
export interface ScalabilityPlan {
  readonly workers: readonly number[];
  readonly jobsPerSecond: readonly number[];
  readonly resetIntervalsInMs: readonly number[];
  readonly modes: readonly ResetMode[];
  /** How long each run feeds the queue. */
  readonly spanInMs: number;
}

/** What `npm run scalability` measures unless it is told otherwise: what a worker does easily, and more than it can. */
const DEFAULT_PLAN: ScalabilityPlan = {
  workers: [1, 2, 4, 8],
  jobsPerSecond: [300, 4_000],
  resetIntervalsInMs: [500, 2_000],
  modes: ["force", "drain"],
  spanInMs: 8_000,
};

const KNOWN = ["workers", "rates", "intervals", "modes", "seconds"] as const;

/**
 * Reads a plan from arguments like `--workers=1,2 --rates=500 --intervals=1000 --modes=drain --seconds=5`.
 * @throws Error that names the argument that it does not understand.
 */
export function readPlan(parameters: readonly string[]): ScalabilityPlan {
  const texts = new Map<string, string>();
  for (const parameter of parameters) {
    const [, name, text] = /^--([a-z]+)=(.+)$/u.exec(parameter) ?? [];
    if (name === undefined || text === undefined || !KNOWN.some((known) => known === name)) {
      throw new Error(`${parameter}: known are ${KNOWN.map((known) => `--${known}=…`).join(" ")}`);
    }
    texts.set(name, text);
  }
  const numbers = (name: (typeof KNOWN)[number], most: number): readonly number[] | null =>
    readNumbers({ name, text: texts.get(name), most });
  const seconds = numbers("seconds", 3_600)?.[0];
  return {
    workers: numbers("workers", 64) ?? DEFAULT_PLAN.workers,
    jobsPerSecond: numbers("rates", 10_000) ?? DEFAULT_PLAN.jobsPerSecond,
    resetIntervalsInMs: numbers("intervals", 600_000) ?? DEFAULT_PLAN.resetIntervalsInMs,
    modes: readModes(texts.get("modes")) ?? DEFAULT_PLAN.modes,
    spanInMs: seconds === undefined ? DEFAULT_PLAN.spanInMs : seconds * 1_000,
  };
}

function readNumbers(parameter: {
  readonly name: string;
  readonly text: string | undefined;
  readonly most: number;
}): readonly number[] | null {
  const { name, text, most } = parameter;
  const numbers = text?.split(",").map(Number) ?? null;
  if (
    numbers?.every((number) => Number.isInteger(number) && number >= 1 && number <= most) === false
  ) {
    throw new Error(`--${name}=${text}: whole numbers from 1 to ${most}, with commas`);
  }
  return numbers;
}

function readModes(text: string | undefined): readonly ResetMode[] | null {
  const modes = text?.split(",").map((mode) => {
    if (mode !== "force" && mode !== "drain") {
      throw new Error(`--modes=${text}: force, drain or both`);
    }
    return mode;
  });
  return modes ?? null;
}
