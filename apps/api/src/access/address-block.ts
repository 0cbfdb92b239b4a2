import { isIPv6 } from "node:net";

const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
/** One customer's network has 2^64 addresses to call from. */
const GROUPS_OF_A_NETWORK = 4;
const GROUPS = 8;

/** The part of an address that one caller cannot change at will: all of IPv4, the first 64 bits of IPv6. */
export function addressBlock(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) {
    return mapped ?? address;
  }
  const [head = "", tail = ""] = (address.split("%", 1)[0] ?? "").split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const zeros = Array.from(
    { length: Math.max(0, GROUPS - before.length - after.length) },
    () => "0",
  );
  const groups = address.includes("::") ? [...before, ...zeros, ...after] : before;
  const network = groups
    .slice(0, GROUPS_OF_A_NETWORK)
    .map((group) => group.replace(/^0+(?=.)/, ""));
  return `${network.join(":").toLowerCase()}::/64`;
}
