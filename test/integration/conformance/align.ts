/**
 * The C client's value in the shape of ours: its Python binding has sequences where we have objects with C's names,
 * in the same order, and 0 and 1 where we have false and true.
 */
export function align(theirs: unknown, ours: unknown): unknown {
  if (ours === undefined) return theirs === 0 || theirs === null ? undefined : theirs;
  if (typeof ours === "boolean") return theirs === 0 ? false : theirs === 1 ? true : theirs;
  if (!isPlain(ours) && !Array.isArray(ours)) return theirs;
  if (Array.isArray(theirs)) {
    if (Array.isArray(ours)) return theirs.map((item, index) => align(item, ours[index]));
    const names = Object.keys(ours);
    if (names.length !== theirs.length) return theirs;
    return Object.fromEntries(
      names.map((name, index) => [name, align(theirs[index], Reflect.get(ours, name))]),
    );
  }
  if (!isPlain(theirs)) return theirs;
  const fields = Object.entries(theirs);
  return Object.fromEntries(fields.map(([name, item]) => [name, align(item, Reflect.get(ours, name))]));
}

/** Which parts of a value change from one moment to the next: fields by name, or with true the whole of it. */
export type Volatile = true | readonly (string | RegExp)[];

/** A value with the kind of thing in place of what is volatile. */
export function blur(value: unknown, volatile: Volatile | undefined): unknown {
  if (volatile === true) return Array.isArray(value) ? value.map((item) => blur(item, true)) : typeof value;
  if (typeof value === "string") return blurText(value);
  if (Array.isArray(value)) return value.map((item) => blur(item, volatile));
  if (!isPlain(value)) return value;
  const isVolatile = (name: string) =>
    volatile?.some((pattern) => (typeof pattern === "string" ? pattern === name : pattern.test(name))) ??
    false;
  const fields = Object.entries(value);
  return Object.fromEntries(
    fields.map(([name, item]) => [name, isVolatile(name) ? blur(item, true) : blur(item, volatile)]),
  );
}

/** Terminals and disk space are the whole machine's, and of twins one is always ahead. */
function blurText(text: string): string {
  const shared = text.startsWith("<pool") ? /<(available|allocation) unit='bytes'>\d+</g : /\/dev\/pts\/\d+/g;
  return text
    .replace(shared, "SHARED")
    .replace(/<(creationTime|[abcm]time)>[\d.]+</g, "<$1>TIME<")
    .replace(/"id":"libvirt-\d+"/, '"id":"libvirt-N"');
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
