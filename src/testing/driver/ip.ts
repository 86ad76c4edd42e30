import { isIPv6, SocketAddress } from "node:net";

/** An address of the Internet protocol, in a form that can be reckoned with. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** As libvirt prints it. */
  readonly text: string;
}

/** Reads an address; undefined where it is none. */
export function parseIp(text: string): IpAddress | undefined {
  const value = parseIpv4(text);
  if (value !== undefined) return { family: 4, value, text: textOfIpv4(value) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const { address } = new SocketAddress({ address: text, family: "ipv6" });
  return { family: 6, value: joined(groupsOf(address), 16n), text: address };
}

/** As C does: numbers may be hexadecimal or octal, and where there are fewer than four, the last is that much larger. */
function parseIpv4(text: string): bigint | undefined {
  const numbers = text.split(".").map((part) => {
    if (!/^(?:0x[\da-f]+|0[0-7]*|[1-9]\d{0,9})$/i.test(part)) return undefined;
    return BigInt(/^0\d/.test(part) ? `0o${part}` : part);
  });
  const last = numbers.pop();
  const bits = BigInt(32 - 8 * numbers.length);
  if (last === undefined || bits < 8n || last >= 1n << bits) return undefined;
  const before: bigint[] = [];
  for (const number of numbers) {
    if (number === undefined || number > 255n) return undefined;
    before.push(number);
  }
  return (joined(before, 8n) << bits) | last;
}

function textOfIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
}

/** The eight numbers of an IPv6 address, the last two of which may be written as an IPv4 address. */
function groupsOf(address: string): bigint[] {
  const plain = address.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const value = joined(v4.split(".").map(BigInt), 8n);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [before = [], after = []] = plain
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""))
    .map((half) => half.map((group) => BigInt(`0x${group}`)));
  return [...before, ...Array<bigint>(8 - before.length - after.length).fill(0n), ...after];
}

function joined(parts: readonly bigint[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | part, 0n);
}

export function bitsOf({ family }: Pick<IpAddress, "family">): number {
  return family === 4 ? 32 : 128;
}

/** The network part of an address, as a number. */
export function networkOf(address: IpAddress, prefix: number): bigint {
  const host = BigInt(bitsOf(address) - prefix);
  return (address.value >> host) << host;
}

/** The last address of the network that an address is in, as a number. */
export function broadcastOf(address: IpAddress, prefix: number): bigint {
  return networkOf(address, prefix) + (1n << BigInt(bitsOf(address) - prefix)) - 1n;
}

/** How many bits of an address a netmask leaves to the network; undefined where it has gaps. */
export function prefixOfNetmask(netmask: IpAddress): number | undefined {
  for (let prefix = 0; prefix <= bitsOf(netmask); prefix += 1) {
    const all = (1n << BigInt(bitsOf(netmask))) - 1n;
    if (networkOf({ ...netmask, value: all }, prefix) === netmask.value) return prefix;
  }
  return undefined;
}

/** The prefix that an address has where none is given: that of its class, or half of an IPv6 address. */
export function naturalPrefix({ family, value }: IpAddress): number | undefined {
  if (value === 0n) return 0;
  if (family === 6) return 64;
  const first = value >> 24n;
  if (first < 128n) return 8;
  if (first < 192n) return 16;
  return first < 224n ? 24 : undefined;
}

/** An address so much further on, as libvirt's test driver reckons: with IPv6, in its last byte alone. */
export function addToIp({ family, value }: IpAddress, offset: number): string {
  const bits = family === 4 ? 32 : 8;
  const sum = ((value >> BigInt(bits)) << BigInt(bits)) | BigInt.asUintN(bits, value + BigInt(offset));
  const part = (at: number, size: bigint) => BigInt.asUintN(Number(size), sum >> (BigInt(at) * size));
  if (family === 4) return textOfIpv4(sum);
  const groups = [7, 6, 5, 4, 3, 2, 1, 0].map((at) => part(at, 16n).toString(16)).join(":");
  return new SocketAddress({ address: groups, family: "ipv6" }).address;
}
