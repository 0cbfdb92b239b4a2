/** One answer as it came over the wire. */
export interface WireAnswer {
  /** The method of the request that it answers. */
  readonly method: string;
  readonly status: number;
  /** The reason phrase. */
  readonly reason: string;
  /** Names in lower case; every value that came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
}

/** Of an answer to which no request is known for sure. */
export const UNKNOWN_METHOD = "?";

export interface ReadAnswers {
  readonly answers: readonly WireAnswer[];
  /** What follows them, and is no whole answer (yet). */
  readonly rest: Buffer;
  /** Why the bytes are not HTTP; null as long as they are. */
  readonly fault: string | null;
}

interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly end: number;
}

const STATUS_LINE = /^HTTP\/1\.1 (?<status>\d{3}) (?<reason>[^\r\n]*)$/u;
const HEADER_LINE = /^(?<name>[!#$%&'*+.^_`|~\w-]+):[ \t]*(?<value>[^\r\n\0]*)$/u;

/**
 * Reads as many whole answers as there are, strictly (RFC 9112). Interim answers (1xx) are skipped; an event stream
 * is whole with its head, since it never ends.
 * @param methods of the requests, in order: an answer to HEAD has no body. There may be more answers than these
 * @param isClosed whether no more bytes come: an answer without a length ends there
 */
export function readAnswers(
  bytes: Buffer,
  methods: readonly string[],
  isClosed: boolean,
): ReadAnswers {
  const answers: WireAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const head = readHead(rest);
    if (typeof head === "string" || head === null) {
      return { answers, rest, fault: head };
    }
    const { end, ...answer } = head;
    const after = rest.subarray(end);
    if (head.status >= 100 && head.status < 200) {
      rest = after;
      continue;
    }
    const method = methods[answers.length] ?? UNKNOWN_METHOD;
    const body = readBody(head, after, { method, isClosed });
    if (body === null) {
      return { answers, rest, fault: null };
    }
    answers.push({ ...answer, method, body: body.content });
    rest = after.subarray(body.length);
  }
  return { answers, rest, fault: null };
}

/** Whether nothing behind it is answered: it ends the connection, or itself never ends. */
export function isLastAnswer({ headers }: WireAnswer): boolean {
  return headers.get("connection")?.[0]?.toLowerCase() === "close" || isEventStream(headers);
}

function isEventStream(headers: WireAnswer["headers"]): boolean {
  return headers.get("content-type")?.[0]?.startsWith("text/event-stream") === true;
}

/** null: not whole yet; a text: no HTTP. */
function readHead(bytes: Buffer): Head | string | null {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) {
    return bytes.subarray(0, 5).equals(Buffer.from("HTTP/").subarray(0, bytes.length))
      ? null
      : "this is no status line";
  }
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const status = STATUS_LINE.exec(first)?.groups;
  if (status === undefined) {
    return `this is no status line: ${first}`;
  }
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const field = HEADER_LINE.exec(line)?.groups;
    if (field === undefined) {
      return `this is no header: ${JSON.stringify(line)}`;
    }
    const name = String(field["name"]).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), String(field["value"])]);
  }
  return {
    status: Number(status["status"]),
    reason: String(status["reason"]),
    headers,
    end: end + 4,
  };
}

interface Body {
  readonly content: Buffer;
  /** Bytes on the wire. */
  readonly length: number;
}

const NOTHING: Body = { content: Buffer.alloc(0), length: 0 };

function readBody(
  { status, headers }: Head,
  after: Buffer,
  { method, isClosed }: { readonly method: string; readonly isClosed: boolean },
): Body | null {
  if (isEventStream(headers)) {
    return { content: Buffer.alloc(0), length: after.length };
  }
  // A request that cannot be read may have asked for HEAD, and get a body all the same: then it is there at once.
  const isFollowedByNext = after.subarray(0, 5).toString() === "HTTP/";
  const hasNone =
    method === "HEAD"
      ? isFollowedByNext || after.length === 0
      : method === UNKNOWN_METHOD && (isFollowedByNext || (isClosed && after.length === 0));
  if (status === 204 || status === 304 || hasNone) {
    return NOTHING;
  }
  if (headers.get("transfer-encoding")?.[0] === "chunked") {
    return readChunks(after);
  }
  const given = headers.get("content-length")?.[0];
  const length = given === undefined ? after.length : Number(given);
  const isWhole = given === undefined ? isClosed : after.length >= length;
  return isWhole ? { content: after.subarray(0, length), length } : null;
}

function readChunks(bytes: Buffer): Body | null {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    const length = Number.parseInt(bytes.subarray(at, end).toString("latin1"), 16);
    if (end === -1 || bytes.length < end + length + 4) {
      return null;
    }
    parts.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + length + 4;
    if (length === 0) {
      return { content: Buffer.concat(parts), length: at };
    }
  }
}
