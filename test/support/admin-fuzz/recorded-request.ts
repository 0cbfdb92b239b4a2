/** An HTTP request, as its parts stood on the wire. */
export interface RecordedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Headers that say how long the body is: a writer knows better. */
const FRAMING: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);

/** Cuts what one connection has sent into its requests, which give the length of their bodies. */
export function readRequests(bytes: Buffer): readonly RecordedRequest[] {
  const requests: RecordedRequest[] = [];
  for (let at = 0; at < bytes.length; ) {
    const headEnd = bytes.indexOf("\r\n\r\n", at);
    const [first = "", ...lines] = bytes.toString("latin1", at, headEnd).split("\r\n");
    const [method = "", target = ""] = first.split(" ");
    const headers = lines.map((line): readonly [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    const length = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
    const bodyEnd = headEnd + 4 + Number(length ?? 0);
    requests.push({
      method,
      target,
      headers: headers.filter(([name]) => !FRAMING.has(name.toLowerCase())),
      body: bytes.toString("utf8", headEnd + 4, bodyEnd),
    });
    at = bodyEnd;
  }
  return requests;
}

/** The bytes of a request; the length of its body is right unless a header says another. */
export function writeRequest({ method, target, headers, body }: RecordedRequest): Buffer {
  const content = Buffer.from(body, "utf8");
  const isFramed = headers.some(([name]) => FRAMING.has(name.toLowerCase()));
  const framing = isFramed || content.length === 0 ? [] : [["Content-Length", content.length]];
  const lines = [...headers, ...framing].map((header) => header.join(": "));
  const head = [`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), content]);
}
