/** Whether an error carries a code of the SDK such as `MessagingEntityNotFound`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
