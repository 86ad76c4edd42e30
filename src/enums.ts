/** Turns the numbers of libvirt's enums back into their names. */

/** An enum as `virtwire` exports it. */
export type Enum = Readonly<Record<string, number>>;

/**
 * The name that an enum has for a value: `nameOf(DomainState, 1)` is `"RUNNING"`. Undefined for a value that a newer
 * libvirt has added.
 */
export function nameOf(type: Enum, value: number): string | undefined {
  return Object.keys(type).find((name) => type[name] === value);
}

/**
 * The names of all flags in a value: `flagNames(DomainXMLFlags, 3)` is `["SECURE", "INACTIVE"]`. Bits that the enum
 * has no name for come last, in hexadecimal.
 */
export function flagNames(type: Enum, value: number): string[] {
  const names: string[] = [];
  let unnamed = value;
  for (const [name, flag] of Object.entries(type)) {
    if (flag === 0 || (value & flag) >>> 0 !== flag) continue;
    names.push(name);
    unnamed &= ~flag;
  }
  if (unnamed !== 0) names.push(`0x${(unnamed >>> 0).toString(16)}`);
  return names;
}
