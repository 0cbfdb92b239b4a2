import { isIPv4, isIPv6 } from "node:net";
import { endianness } from "node:os";
import type { EndpointName } from "./endpoint-set.ts";

/** A row of /proc/net/tcp or tcp6. */
export interface KernelSocket {
  readonly localPort: number;
  readonly inode: string;
}

/**
 * The established sockets towards an endpoint in the text of /proc/net/tcp or /proc/net/tcp6
 * (https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html). Only the rows that match are taken apart:
 * the table holds every socket of the machine.
 */
export function findKernelSockets(table: string, endpoint: EndpointName): KernelSocket[] {
  const port = endpoint.port.toString(16).toUpperCase().padStart(4, "0");
  const sockets: KernelSocket[] = [];
  for (const address of kernelAddresses(endpoint.host)) {
    // The remote address stands right before the state, 01 is ESTABLISHED.
    const needle = ` ${address}:${port} 01 `;
    for (let at = table.indexOf(needle); at !== -1; at = table.indexOf(needle, at + 1)) {
      const localPort = Number.parseInt(table.slice(at - 4, at), 16);
      const end = table.indexOf("\n", at);
      const rest = table.slice(at + needle.length, end === -1 ? table.length : end);
      // After the state: queues, timer, retransmits, uid, timeout, inode.
      const inode = rest.trim().split(/\s+/u)[5];
      if (inode !== undefined) {
        sockets.push({ localPort, inode });
      }
    }
  }
  return sockets;
}

/** An address as the kernel prints it: 32-bit words in the machine's byte order. IPv4 also stands mapped in tcp6. */
function kernelAddresses(host: string): string[] {
  if (isIPv4(host)) {
    const word = toWords(host.split(".").map(Number));
    return [word, toWords([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) + word];
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
