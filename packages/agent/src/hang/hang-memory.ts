/** What the two threads of an agent share of a hang; made by the application's thread, it crosses threads. */
export interface HangMemory {
  /** Of `LoopHang`. */
  readonly loop: SharedArrayBuffer;
  /** Of `JobHang`. */
  readonly jobs: SharedArrayBuffer;
}
