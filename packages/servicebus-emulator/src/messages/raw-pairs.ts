import { decodeError } from "../amqp/amqp-error.ts";
import { ValueReader } from "../amqp/value-reader.ts";

/** An entry of an encoded map: its key as text, and key and value in their own bytes. */
export interface RawPair {
  readonly key: string;
  readonly keyBytes: Buffer;
  readonly valueBytes: Buffer;
}

/** Reads the entries of an encoded map and keeps their bytes, so that no type is lost. */
export function readRawPairs(map: Buffer): readonly RawPair[] {
  const reader = new ValueReader(map);
  const count = reader.enterCompound();
  const pairs: RawPair[] = [];
  for (let index = 0; index < count; index += 2) {
    const keyBytes = reader.readRaw();
    const key = new ValueReader(keyBytes).read();
    if (typeof key !== "string") {
      throw decodeError("The keys of annotations and properties must be strings or symbols.");
    }
    pairs.push({ key, keyBytes, valueBytes: reader.readRaw() });
  }
  return pairs;
}

/** The bytes of the entries, in order, for an encoder of maps. */
export function pairBytes(pairs: readonly RawPair[]): Buffer[] {
  return pairs.flatMap((pair) => [pair.keyBytes, pair.valueBytes]);
}
