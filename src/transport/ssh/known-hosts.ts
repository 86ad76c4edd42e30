const { createHash, createHmac } = process.getBuiltinModule("node:crypto");

/** A line of a known_hosts file. */
export interface KnownHost {
  /** `@revoked`: this key is never to be trusted. `@cert-authority`: this key vouches for others. */
  readonly marker: "revoked" | "cert-authority" | undefined;
  /** The names that the key is for, as the line has them. */
  readonly names: string;
  /** The public key as it is sent, which begins with its type. */
  readonly key: Buffer;
  /** The file and the line's number. */
  readonly place: string;
}

/** What known_hosts files have on a server's key. */
export type HostKeyVerdict =
  | { readonly is: "known"; readonly known: KnownHost }
  /** Nothing but, maybe, an authority that vouches for the server's certificate. */
  | { readonly is: "unknown"; readonly authority: KnownHost | undefined }
  /** Another key. */
  | { readonly is: "changed"; readonly known: KnownHost }
  | { readonly is: "revoked"; readonly known: KnownHost };

/** The lines of a known_hosts file that OpenSSH would make sense of; like OpenSSH, it passes over the others. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split("\n").flatMap((line, index) => {
    const fields = line.trim().split(/[ \t]+/);
    const mark = fields[0]?.startsWith("@") ? fields.shift() : undefined;
    if (mark !== undefined && mark !== "@revoked" && mark !== "@cert-authority") return [];
    const [names, type, base64] = fields;
    if (names === undefined || type === undefined || base64 === undefined || names.startsWith("#")) return [];
    const key = Buffer.from(base64, "base64");
    if (keyType(key) !== type) return [];
    const marker = mark?.slice(1) as KnownHost["marker"];
    return [{ marker, names, key, place: `${file}:${index + 1}` }];
  });
}

/** Compares a server's key with what is known of it. */
export function checkHostKey(
  known: readonly KnownHost[],
  host: string,
  port: number,
  key: Buffer,
): HostKeyVerdict {
  const ours = known.filter((entry) => isFor(entry, namesOf(host, port)));
  // A key without a port may be that of another server on the host, so that it proves something only where it fits.
  const anyPort = known.filter((entry) => isFor(entry, [host]));
  const same = (entry: KnownHost) => entry.key.equals(key);
  const revoked = [...ours, ...anyPort].find((entry) => entry.marker === "revoked" && same(entry));
  if (revoked) return { is: "revoked", known: revoked };
  const plain = (entry: KnownHost) => entry.marker === undefined;
  const match = [...ours, ...anyPort].find((entry) => plain(entry) && same(entry));
  if (match) return { is: "known", known: match };
  const other = ours.find(plain);
  if (other) return { is: "changed", known: other };
  return { is: "unknown", authority: ours.find(({ marker }) => marker === "cert-authority") };
}

/** The types of the keys that are known of a server, so that it can be asked for one of these. */
export function knownKeyTypes(known: readonly KnownHost[], host: string, port: number): string[] {
  const entries = known.filter(({ marker }) => marker === undefined);
  const exact = entries.filter((entry) => isFor(entry, namesOf(host, port)));
  const found = exact.length > 0 ? exact : entries.filter((entry) => isFor(entry, [host]));
  return [...new Set(found.map(({ key }) => keyType(key)))];
}

/** The line that makes a key known. */
export function knownHostsLine(host: string, port: number, key: Buffer): string {
  return `${namesOf(host, port)[0]} ${keyType(key)} ${key.toString("base64")}\n`;
}

/** A key for people: `ssh-ed25519 SHA256:…`, as `ssh-keygen -l` has it. */
export function describeKey(key: Buffer): string {
  return `${keyType(key)} ${fingerprint(key)}`;
}

/** `SHA256:…` */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The name that a public key begins with, or nothing where these bytes are none. */
export function keyType(key: Buffer): string {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return length <= key.length - 4 ? key.toString("latin1", 4, 4 + length) : "";
}

/** As known_hosts names a server: without its port if that is the usual one, which libssh2 writes nevertheless. */
function namesOf(host: string, port: number): string[] {
  const withPort = `[${host}]:${port}`;
  return port === 22 ? [host, withPort] : [withPort];
}

function isFor(entry: KnownHost, names: readonly string[]): boolean {
  return names.some((name) => matches(entry.names, name.toLowerCase()));
}

function matches(names: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(names) ?? [];
  if (salt !== undefined && hash !== undefined) {
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  }
  const patterns = names.toLowerCase().split(",");
  const fits = (pattern: string) => glob(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && fits(pattern));
}

function glob(pattern: string): RegExp {
  const expression = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/(\\\*)+/g, ".*")
    .replaceAll("\\?", ".");
  return new RegExp(`^${expression}$`, "s");
}
