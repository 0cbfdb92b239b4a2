/** One thing that is wrong in a JSON document. */
export interface JsonProblem {
  /** Where, as a path such as `Queues[0].Properties.LockDuration`; empty for the whole document. */
  readonly member: string;
  /** What is wrong there, and what would be right. */
  readonly message: string;
}
