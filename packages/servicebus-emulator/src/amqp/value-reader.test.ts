import rhea from "rhea";
import { describe, expect, it } from "vitest";

import { AmqpUuid, type AmqpValue, Described } from "./amqp-value.ts";
import {
  arrayValue,
  binaryValue,
  booleanValue,
  describedValue,
  doubleValue,
  intValue,
  listValue,
  longValue,
  mapValue,
  nullValue,
  stringValue,
  symbolArray,
  symbolValue,
  timestampValue,
  ubyteValue,
  uintValue,
  ulongValue,
  ushortValue,
  uuidValue,
} from "./encode-value.ts";
import { ValueReader } from "./value-reader.ts";

function read(bytes: Buffer): AmqpValue {
  const reader = new ValueReader(bytes);
  const value = reader.read();
  expect(reader.remaining).toBe(0);
  return value;
}

const uuid = Buffer.from("00112233445566778899aabbccddeeff", "hex");

describe("what the encoders write", () => {
  it.each<[string, Buffer, AmqpValue]>([
    ["null", nullValue, null],
    ["true", booleanValue(true), true],
    ["ubyte", ubyteValue(255), 255],
    ["ushort", ushortValue(65_535), 65_535],
    ["uint 0", uintValue(0), 0],
    ["small uint", uintValue(255), 255],
    ["uint", uintValue(0xffff_ffff), 0xffff_ffff],
    ["int", intValue(-5), -5],
    ["ulong", ulongValue(2n ** 64n - 1n), 2n ** 64n - 1n],
    ["long", longValue(-(2n ** 40n)), -(2 ** 40)],
    ["double", doubleValue(1.5), 1.5],
    ["timestamp", timestampValue(1234.9), new Date(1234)],
    ["uuid", uuidValue(uuid), new AmqpUuid(uuid)],
    ["binary", binaryValue(Buffer.alloc(300, 7)), Buffer.alloc(300, 7)],
    ["string", stringValue("ö".repeat(200)), "ö".repeat(200)],
    ["symbol", symbolValue("sym"), "sym"],
    ["empty list", listValue([]), []],
    ["list", listValue([uintValue(1), nullValue]), [1, null]],
    ["long list", listValue(Array.from({ length: 300 }, () => uintValue(1))), Array(300).fill(1)],
    ["map", mapValue([symbolValue("k"), stringValue("v")]), new Map([["k", "v"]])],
    ["array", symbolArray(["a", "b"]), ["a", "b"]],
    ["described", describedValue(0x24, listValue([])), new Described(0x24, [])],
    [
      "a descriptor of eight bytes",
      describedValue(0x137_0000_0004, nullValue),
      new Described(0x137_0000_0004, null),
    ],
  ])("is read again: %s", (_name, bytes, value) => {
    expect(read(bytes)).toEqual(value);
  });

  it("is read by another implementation, too", () => {
    const bytes = mapValue([
      stringValue("list"),
      listValue([uintValue(7), longValue(-1), timestampValue(5), booleanValue(false)]),
      stringValue("array"),
      arrayValue(0x83, [timestampValue(9).subarray(1)]),
    ]);
    const decoded: unknown = rhea.message.decode(
      Buffer.concat([Buffer.from([0, 0x53, 0x77]), bytes]),
    )["body"];
    expect(decoded).toEqual({ list: [7, -1, new Date(5), false], array: [new Date(9)] });
  });
});

describe("what another implementation writes", () => {
  it("is read with every type", () => {
    const { types, message } = rhea;
    const body = {
      byte: types.wrap_byte(-1),
      short: types.wrap_short(-300),
      float: types.wrap_float(0.25),
      char: types.wrap_char(65),
      uuids: types.wrap_array([uuid], 0x98, undefined),
      nested: [{ a: [1, "x"] }],
      none: null,
    };
    const encoded = message.encode({ body });
    const reader = new ValueReader(encoded);
    let section = reader.read();
    while (reader.remaining > 0) {
      section = reader.read();
    }
    expect(section).toEqual(
      new Described(
        0x77,
        new Map<string, AmqpValue>([
          ["byte", -1],
          ["short", -300],
          ["float", 0.25],
          ["char", 65],
          ["uuids", [new AmqpUuid(uuid)]],
          ["nested", [new Map([["a", [1, "x"]]])]],
          ["none", null],
        ]),
      ),
    );
  });
});

describe("values beyond what can be told", () => {
  it("takes a timestamp beyond the calendar for the calendar's end", () => {
    expect(read(Buffer.from("837fffffffffffffff", "hex"))).toEqual(new Date(8.64e15));
    expect(read(Buffer.from("838000000000000000", "hex"))).toEqual(new Date(-8.64e15));
  });

  it("tells keys apart that are no text, also such with whole numbers of 64 bits", () => {
    const key = (number: bigint): Buffer => listValue([ulongValue(number)]);
    const map = mapValue([key(2n ** 63n), nullValue, key(2n ** 63n + 1n), nullValue]);
    expect(read(map)).toHaveProperty("size", 2);
  });
});

describe("hostile bytes", () => {
  it.each<[string, readonly number[]]>([
    ["nothing", []],
    ["an unknown type", [0x3f]],
    ["a string longer than the rest", [0xa1, 5, 65]],
    ["a list longer than the rest", [0xd0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]],
    ["a list shorter than its items", [0xc0, 2, 1, 0x70, 0, 0, 0, 1]],
    ["a list with bytes left over", [0xc0, 4, 1, 0x40, 0x40, 0x40]],
    ["a map with half a pair", [0xc1, 2, 1, 0x40]],
    ["an array of countless nulls", [0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40]],
    ["a descriptor that is a list", [0x00, 0x45, 0x40]],
    ["endless descriptors", Array.from({ length: 5000 }, () => 0)],
    ["endless lists", Array.from({ length: 200 }, (_v, i) => [0xc0, 0, 1][i % 3] ?? 0)],
  ])("are refused: %s", (_name, bytes) => {
    expect(() => new ValueReader(Buffer.from(bytes)).read()).toThrow(
      expect.objectContaining({ condition: "amqp:decode-error" }),
    );
  });

  it("are refused when they are passed over, too", () => {
    expect(() => {
      new ValueReader(Buffer.alloc(5000)).skip();
    }).toThrow("nested");
    expect(() => new ValueReader(Buffer.from([0xb0, 0xff, 0xff, 0xff, 0xff])).readRaw()).toThrow(
      "longer",
    );
  });
});
