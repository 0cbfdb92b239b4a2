import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest; one of them, begun last, would keep the rest of the machine waiting. */
const LONGEST = [
  "soak",
  "application-insights",
  "fault-matrix",
  "fleet-silence",
  "api-fleet",
  "npm-start",
  "worker",
  "jobs-reset",
  "scalability",
  "fleet-cut-off",
  "agent-connections-drain",
  // At full size.
  "images",
  "servicebus-emulator-fuzz-amqp",
  "servicebus-emulator-sdk",
  "servicebus-emulator-kill",
  "fleet-churn",
];

/** Files in the order of vitest, the longest before all others. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
  return index === -1 ? LONGEST.length : index;
}
