export { FakeClock } from "./fake-clock.ts";
export { problemFaults, type ProblemAnswer } from "./problem-faults.ts";
