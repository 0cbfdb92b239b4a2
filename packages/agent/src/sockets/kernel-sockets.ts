import { isIPv4, isIPv6 } from "node:net";
import { endianness } from "node:os";
import type { EndpointName } from "./endpoint-set.ts";

/** What an IPv4 address within IPv6 begins with. */
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** A row of /proc/net/tcp or tcp6. */
export interface KernelSocket {
  /** As the table prints it, see {@link readKernelAddress}. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly inode: string;
}

/** What the tables call a state. */
const KERNEL_STATES = { established: "01", connecting: "02" } as const;

/**
 * The sockets of a state, established ones by default, towards an endpoint in the text of /proc/net/tcp or /proc/net/tcp6
 * (https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html). Only the rows that match are taken apart:
 * the table holds every socket of the machine.
 */
export function findKernelSockets(
  table: string,
  endpoint: EndpointName,
  state: keyof typeof KERNEL_STATES = "established",
): KernelSocket[] {
  const port = endpoint.port.toString(16).toUpperCase().padStart(4, "0");
  const sockets: KernelSocket[] = [];
  for (const address of kernelAddresses(endpoint.host)) {
    // The remote address stands right before the state, the local one right before that.
    const needle = ` ${address}:${port} ${KERNEL_STATES[state]} `;
    for (let at = table.indexOf(needle); at !== -1; at = table.indexOf(needle, at + 1)) {
      const localPort = Number.parseInt(table.slice(at - 4, at), 16);
      const localAddress = table.slice(table.lastIndexOf(" ", at - 1) + 1, at - 5);
      const end = table.indexOf("\n", at);
      const rest = table.slice(at + needle.length, end === -1 ? table.length : end);
      // After the state: queues, timer, retransmits, uid, timeout, inode.
      const inode = rest.trim().split(/\s+/u)[5];
      if (inode !== undefined) {
        sockets.push({ localAddress, localPort, inode });
      }
    }
  }
  return sockets;
}

/** An address of the tables as Node and Redis write it; an IPv4 address that is mapped into IPv6 comes out plain. */
export function readKernelAddress(printed: string): string {
  const words = printed.match(/.{8}/gu) ?? [];
  const bytes = words.flatMap((word) => {
    const inOrder = [0, 2, 4, 6].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
    return endianness() === "LE" ? inOrder.toReversed() : inOrder;
  });
  const isMapped = bytes.length === 16 && bytes.slice(0, 12).join() === MAPPED_PREFIX.join();
  return bytes.length === 4 || isMapped ? bytes.slice(-4).join(".") : toIPv6(bytes);
}

function toIPv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, group) =>
    ((bytes[2 * group] ?? 0) * 256 + (bytes[2 * group + 1] ?? 0)).toString(16),
  );
  // The URL parser writes the shortest form, as everybody else does.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** An address as the kernel prints it: 32-bit words in the machine's byte order. IPv4 also stands mapped in tcp6. */
function kernelAddresses(host: string): string[] {
  if (isIPv4(host)) {
    const word = toWords(host.split(".").map(Number));
    return [word, toWords(MAPPED_PREFIX) + word];
  }
  return isIPv6(host) ? [toWords(bytesOfIPv6(host))] : [];
}

function bytesOfIPv6(host: string): number[] {
  const [head = "", tail] = host.replace(/%.*$/u, "").split("::");
  const front = bytesOfGroups(head);
  const back = bytesOfGroups(tail ?? "");
  const zeros = Array.from({ length: Math.max(0, 16 - front.length - back.length) }, () => 0);
  return [...front, ...zeros, ...back];
}

function bytesOfGroups(groups: string): number[] {
  return groups
    .split(":")
    .filter((group) => group !== "")
    .flatMap((group) => {
      if (group.includes(".")) {
        return group.split(".").map(Number);
      }
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    });
}

function toWords(bytes: readonly number[]): string {
  let words = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.slice(at, at + 4);
    const ordered = endianness() === "LE" ? word.toReversed() : word;
    words += ordered.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");
  }
  return words;
}
