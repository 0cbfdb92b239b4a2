/** What the guard of a Redis server is told to run. */
export interface GuardOrder {
  readonly command: string;
  readonly parameters: readonly string[];
  /** The server's working folder; removed when it has ended. */
  readonly folder: string;
  /** Run after the end, for what ending the command does not take away. */
  readonly cleanup?: { readonly command: string; readonly parameters: readonly string[] };
}
