const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/u;

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}
