/** A set of keys has some kilobytes. */
const LARGEST_ANSWER_IN_BYTES = 512 * 1_024;

/**
 * Gets a JSON document; redirects are not followed.
 * @throws when it does not come whole within the timeout, is too large, or is no JSON.
 */
export async function fetchJson(url: string, timeoutInMs: number): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(timeoutInMs),
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`The answer's status is ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > LARGEST_ANSWER_IN_BYTES) {
      throw new Error(`The answer is larger than ${LARGEST_ANSWER_IN_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}
