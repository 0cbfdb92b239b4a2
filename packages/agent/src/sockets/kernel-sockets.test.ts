import { describe, expect, it } from "vitest";
import { findKernelSockets, readKernelAddress } from "./kernel-sockets.ts";

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11111 1 0000000000000000 100 0 0 10 0
   1: 0100007F:D6B8 0100007F:18EB 01 00000000:00000000 00:00000000 00000000     0        0 22222 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:18EB 0100007F:D6B8 01 00000000:00000000 00:00000000 00000000   100        0 33333 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:D6BA 0100007F:18EB 06 00000000:00000000 03:00001760 00000000     0        0 0 3 0000000000000000
   4: 0100007F:D6BC 0100007F:18EB 02 00000001:00000000 01:00000063 00000000     0        0 44444 2 0000000000000000 100 0 0 10 -1
`;

const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:9C40 00000000000000000000000001000000:18EB 01 00000000:00000000 00:00000000 00000000     0        0 55555 1 0000000000000000 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:9C42 0000000000000000FFFF00000100007F:18EB 01 00000000:00000000 00:00000000 00000000     0        0 66666 1 0000000000000000 20 4 30 10 -1
   2: B80D0120000000000000000001000000:9C44 B80D0120000000000000000002000000:18EB 01 00000000:00000000 00:00000000 00000000     0        0 77777 1 0000000000000000 20 4 30 10 -1
`;

/** The kernel prints words in the machine's byte order; the tables above are a little-endian machine's. */
describe("findKernelSockets", () => {
  it("finds what is established towards an address, not what listens there or answers from there", () => {
    expect(findKernelSockets(TCP, { host: "127.0.0.1", port: 6379 })).toEqual([
      { localAddress: "0100007F", localPort: 0xd6b8, inode: "22222" },
    ]);
    expect(findKernelSockets(TCP, { host: "127.0.0.1", port: 6380 })).toEqual([]);
  });

  it.each([
    ["::1", 0x9c40, "55555"],
    ["127.0.0.1", 0x9c42, "66666"],
    ["2001:db8::2", 0x9c44, "77777"],
  ])("finds %s in the table of IPv6", (host, localPort, inode) => {
    expect(findKernelSockets(TCP6, { host, port: 6379 })).toMatchObject([{ localPort, inode }]);
  });

  it("finds what is still connecting when it is asked for it", () => {
    const endpoint = { host: "127.0.0.1", port: 6379 };
    expect(findKernelSockets(TCP, endpoint, "connecting")).toMatchObject([{ inode: "44444" }]);
  });

  it("finds nothing for a name", () => {
    expect(findKernelSockets(TCP, { host: "localhost", port: 6379 })).toEqual([]);
  });
});

describe("readKernelAddress", () => {
  it.each([
    ["0100007F", "127.0.0.1"],
    ["0000000000000000FFFF00000100007F", "127.0.0.1"],
    ["00000000000000000000000001000000", "::1"],
    ["B80D0120000000000000000001000000", "2001:db8::1"],
    ["000080FE00000000FF00A0FE0100FF00", "fe80::fea0:ff:ff:1"],
  ])("reads %s as %s", (printed, address) => {
    expect(readKernelAddress(printed)).toBe(address);
  });
});
