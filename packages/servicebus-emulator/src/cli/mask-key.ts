/** A connection string that may be shown: without its key. */
export function maskKey(connectionString: string): string {
  return connectionString.replace(/(SharedAccessKey=)[^;]*/u, "$1***");
}
