/** How long, how hard and with how many. */
export interface SoakPlan {
  readonly seconds: number;
  readonly workers: number;
  readonly jobsPerSecond: number;
}

const DEFAULT_PLAN: SoakPlan = { seconds: 600, workers: 20, jobsPerSecond: 50 };

const KNOWN = {
  seconds: { member: "seconds", least: 6, most: 86_400 },
  workers: { member: "workers", least: 1, most: 64 },
  rate: { member: "jobsPerSecond", least: 1, most: 10_000 },
} as const;

/**
 * Reads a plan from arguments like `--seconds=60 --workers=20 --rate=50`.
 * @throws Error that names the argument that it does not understand.
 */
export function readSoakPlan(parameters: readonly string[]): SoakPlan {
  const plan = { ...DEFAULT_PLAN };
  for (const parameter of parameters) {
    const [, name = "", text = ""] = /^--(seconds|workers|rate)=(\d+)$/u.exec(parameter) ?? [];
    if (name !== "seconds" && name !== "workers" && name !== "rate") {
      throw new Error(`${parameter}: known are --seconds=… --workers=… --rate=…, whole numbers`);
    }
    const { member, least, most } = KNOWN[name];
    const number = Number(text);
    if (number < least || number > most) {
      throw new Error(`${parameter}: from ${least} to ${most}`);
    }
    plan[member] = number;
  }
  return plan;
}
