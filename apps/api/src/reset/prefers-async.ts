/** Whether a Prefer header (RFC 7240) asks for `respond-async`; other preferences may be ignored, as the RFC says. */
export function prefersAsync(header: string | readonly string[] | undefined): boolean {
  const preferences = [header ?? []].flat().join(",").split(",");
  return preferences.some((preference) => {
    const [token = ""] = preference.split(/[;=]/, 1);
    return token.trim().toLowerCase() === "respond-async";
  });
}
