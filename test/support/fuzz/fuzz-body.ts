import { deflateSync, gzipSync } from "node:zlib";
import { mutateJson } from "./mutate-json.ts";
import type { FuzzHeader } from "./fuzz-headers.ts";
import type { Random } from "./random.ts";
import { valueOfSchema, type FuzzSchema } from "./value-of-schema.ts";

/** A body as it goes out, with the headers that belong to it. */
export interface FuzzBody {
  readonly headers: readonly FuzzHeader[];
  readonly bytes: Buffer;
  /** Whether the bytes end where the headers say that they do. */
  readonly isWhole: boolean;
}

const JSON_TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=UTF-8;x=y",
  "APPLICATION/JSON",
  "application/merge-patch+json",
] as const;

const OTHER_TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=a",
  "multipart/form-data",
  "application/json; charset=utf-16",
  "application/json; charset=latin1",
  "application/jsonx",
  "text/json",
  "application/json, text/plain",
  "",
  ";",
  "a/b/c",
  "\u00e9/\u00ff",
  'application/json; charset="utf-8',
] as const;

/** What a request carries: valid JSON by the schema, JSON made wrong, something else, or nothing. */
export function fuzzBody(schema: FuzzSchema, random: Random): FuzzBody {
  const value = valueOfSchema(schema, random);
  const text = random.chance(0.5) ? JSON.stringify(value) : mutateJson(value, random);
  const type = random.chance(0.93) ? random.pick(JSON_TYPES) : random.pick(OTHER_TYPES);
  const headers: FuzzHeader[] = random.chance(0.98) ? [["Content-Type", type]] : [];
  const { bytes, encoding } = encode(text, random);
  if (encoding !== null) {
    headers.push(["Content-Encoding", encoding]);
  }
  return frame(bytes, headers, random);
}

/** A request without a body; some say a type all the same. */
export function noBody(random: Random): FuzzBody {
  const headers = random.weighted<readonly FuzzHeader[]>([
    [6, []],
    [2, [["Content-Length", "0"]]],
    [1, [["Content-Type", "application/json"]]],
    [
      1,
      [
        ["Content-Type", "application/json"],
        ["Content-Length", "0"],
      ],
    ],
  ]);
  return { headers, bytes: Buffer.alloc(0), isWhole: true };
}

function encode(
  text: string,
  random: Random,
): { readonly bytes: Buffer; readonly encoding: string | null } {
  const plain = Buffer.from(text);
  return random.weighted<() => { bytes: Buffer; encoding: string | null }>([
    [90, () => ({ bytes: plain, encoding: null })],
    [1, () => ({ bytes: plain, encoding: "identity" })],
    [1, () => ({ bytes: gzipSync(plain), encoding: "gzip" })],
    [1, () => ({ bytes: deflateSync(plain), encoding: "deflate" })],
    [1, () => ({ bytes: plain, encoding: "br" })],
    [1, () => ({ bytes: Buffer.from(text, "utf16le"), encoding: null })],
    [1, () => ({ bytes: Buffer.from(text, "latin1"), encoding: null })],
    [1, () => ({ bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), plain]), encoding: null })],
    [3, () => ({ bytes: flip(plain, random), encoding: null })],
  ])();
}

function flip(bytes: Buffer, random: Random): Buffer {
  const flipped = Buffer.from(bytes);
  if (flipped.length > 0) {
    flipped[random.between(0, flipped.length - 1)] = random.between(0, 255);
  }
  return flipped;
}

function frame(bytes: Buffer, headers: readonly FuzzHeader[], random: Random): FuzzBody {
  const withLength = (length: number): FuzzBody => ({
    headers: [...headers, ["Content-Length", String(length)]],
    bytes,
    isWhole: length === bytes.length,
  });
  const inChunks = (chunks: Buffer, isWhole: boolean): FuzzBody => ({
    headers: [...headers, ["Transfer-Encoding", "chunked"]],
    bytes: chunks,
    isWhole,
  });
  return random.weighted<() => FuzzBody>([
    [80, () => withLength(bytes.length)],
    [2, () => withLength(bytes.length + random.between(1, 200_000))],
    [2, () => withLength(random.between(0, Math.max(0, bytes.length - 1)))],
    [12, () => inChunks(chunked(bytes, random), true)],
    [2, () => inChunks(chunked(bytes, random).subarray(0, -random.between(1, 7)), false)],
    [
      1,
      () =>
        inChunks(
          Buffer.from(
            random.pick([
              "zz\r\n",
              "-1\r\n\r\n",
              "ffffffffffffffff\r\n",
              "0\r\n",
              "5\r\nab",
              "0\r\nX-API-Key: a\r\n\r\n",
            ]),
          ),
          false,
        ),
    ],
    [1, () => ({ headers, bytes, isWhole: false })],
  ])();
}

function chunked(bytes: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  const extension = random.chance(0.1) ? `;${"x".repeat(random.between(1, 30))}` : "";
  for (let at = 0; at < bytes.length; ) {
    const part = bytes.subarray(at, at + random.between(1, 4_000));
    parts.push(
      Buffer.from(`${part.length.toString(16)}${extension}\r\n`),
      part,
      Buffer.from("\r\n"),
    );
    at += part.length;
  }
  const trailer = random.chance(0.1) ? "X-Trailer: a\r\n" : "";
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)]);
}
