import type { ResetMode, ScalabilityPlan } from "./scalability-plan.ts";

/** What came of one run. Everything is as the JSON file shows it. */
export interface ScalabilityRun {
  readonly workers: number;
  readonly jobs_per_second: number;
  /** null: the run without resets. */
  readonly reset_interval_ms: number | null;
  readonly mode: ResetMode | "none";
  readonly span_ms: number;
  readonly resets: number;
  /** Resets that some replica did not carry out, or not fully. */
  readonly partial_resets: number;
  /** Within the span; what was done afterwards is not in it. */
  readonly completed_per_second: number;
  /** The part of the completed jobs a second of the run without resets; null for that run. */
  readonly throughput_kept: number | null;
  /** From a worker's close until commands succeed and jobs are done again; null: no reset, or none was reported. */
  readonly recovery_p50_ms: number | null;
  readonly recovery_max_ms: number | null;
  /** As Redis counts them, agents' control connections included. */
  readonly connections_per_second: number;
  readonly added: number;
  readonly completed: number;
  readonly failed: number;
  readonly lost: number;
  readonly run_twice: number;
  readonly stalled: number;
  /** Of which nothing is known at the end: outstanding, unverified and given up. */
  readonly unknown: number;
}

/** All runs of a plan, and on what machine. */
export interface ScalabilityResult {
  readonly measured_at: string;
  readonly node: string;
  readonly cores: number;
  readonly plan: ScalabilityPlan;
  readonly runs: readonly ScalabilityRun[];
}
