import { isIP, SocketAddress } from "node:net";

/** An address of the Internet protocol, in a form that can be reckoned with. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** As libvirt prints it. */
  readonly text: string;
}

/** Reads an address; undefined where it is none. */
export function parseIp(text: string): IpAddress | undefined {
  const family = isIP(text);
  if (family === 4) return { family, value: joined(text.split(".").map(BigInt), 8n), text };
  if (family !== 6 || text.includes("%")) return undefined;
  const { address } = new SocketAddress({ address: text, family: "ipv6" });
  return { family, value: joined(groupsOf(address), 16n), text: address };
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
  if (family === 4) return [3, 2, 1, 0].map((at) => part(at, 8n)).join(".");
  const groups = [7, 6, 5, 4, 3, 2, 1, 0].map((at) => part(at, 16n).toString(16)).join(":");
  return new SocketAddress({ address: groups, family: "ipv6" }).address;
}
