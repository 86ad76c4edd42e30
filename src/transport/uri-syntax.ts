/** The parts of a URI, percent-decoded except for the query, whose parameters are decoded one by one. */
export interface UriParts {
  readonly scheme: string;
  readonly user: string | undefined;
  /** Without the brackets of an IPv6 address. */
  readonly host: string | undefined;
  /** Undefined where there is none, or where it is 0. */
  readonly port: number | undefined;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

// RFC 3986, as libxml2 reads it for libvirt. `URL` will not do: it treats unknown schemes otherwise, lets through
// what libvirt refuses and rewrites what libvirt keeps.
const foreign = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/u;
const parts = /^(?:([^:/?#]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const authorityParts = /^(?:([^@[\]]*)@)?(\[[^\]]*\]|[^:@[\]]*)(?::(\d+))?$/;
const brokenEscape = /%(?![0-9A-Fa-f]{2})/;

/** Splits a URI. What does not follow the grammar is a TypeError, an impossible port a RangeError. */
export function splitUri(text: string): UriParts {
  const stranger = foreign.exec(text);
  if (stranger) {
    throw malformed(text, `it contains ${JSON.stringify(stranger[0])}, which has to be percent-encoded`);
  }
  const [, scheme, authority, path = "", query, fragment] = parts.exec(text) ?? [];
  if (scheme === undefined) throw malformed(text, "it does not begin with a driver, as qemu:///system does");
  if (!/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) throw malformed(text, "its scheme is not a name");
  if (/[[\]]/.test(path + (query ?? "")) || fragment?.includes("#")) {
    throw malformed(text, 'a "[", "]" or "#" in it has to be percent-encoded');
  }

  const [, user, host, digits] = authorityParts.exec(authority ?? "") ?? [];
  if (host === undefined) throw malformed(text, "what follows the // is not [user@]host[:port]");
  const bracketed = host.startsWith("[");
  // The zone of a link-local address (fe80::1%eth0) is usually written unescaped.
  const escaped = [user, bracketed ? undefined : host, path, query, fragment];
  if (escaped.some((part) => part !== undefined && brokenEscape.test(part))) {
    throw malformed(text, 'a "%" in it is not followed by two hexadecimal digits');
  }

  const decoded = (part: string) => percentDecode(part, text);
  const hostName = decoded(host);
  return {
    scheme,
    user: user ? decoded(user) : undefined,
    host: (bracketed && hostName.includes(":") ? hostName.slice(1, -1) : hostName) || undefined,
    port: host === "" ? undefined : portNumber(digits, text),
    path: decoded(path),
    query,
    fragment: fragment === undefined ? undefined : decoded(fragment),
  };
}

function portNumber(digits: string | undefined, uri: string): number | undefined {
  const port = Number(digits ?? 0);
  if (port > 65535) throw new RangeError(`There is no port ${digits}: ${quoteUri(uri)}`);
  return port || undefined;
}

/** A URI's query as names and values in their order, by libvirt's rules: `=value` alone counts for nothing. */
export function splitQuery(query: string | undefined, uri: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  const sections = (query ?? "").split("&");
  // libvirt looks for a semicolon only where no ampersand follows.
  sections.push(...(sections.pop() ?? "").split(";"));
  for (const section of sections) {
    const equals = section.indexOf("=");
    if (section === "" || equals === 0) continue;
    const name = equals < 0 ? section : section.slice(0, equals);
    const value = equals < 0 ? "" : section.slice(equals + 1);
    pairs.push([percentDecode(name, uri), percentDecode(value, uri)]);
  }
  return pairs;
}

/** The inverse of {@link splitQuery}. */
export function joinQuery(pairs: Iterable<readonly [name: string, value: string]>): string | undefined {
  const encode = (part: string) => percentEncode(part, /[A-Za-z0-9\-._~]/);
  return Array.from(pairs, ([name, value]) => `${encode(name)}=${encode(value)}`).join("&") || undefined;
}

/** Puts a URI together as libvirt prints it: always with the `//`, and escaping no more than libxml2 does. */
export function joinUri(uri: UriParts): string {
  const user = uri.user === undefined ? "" : `${percentEncode(uri.user, /[A-Za-z0-9\-._~!*'();:&=+$,]/)}@`;
  const host = uri.host?.includes(":") ? `[${uri.host}]` : (uri.host ?? "");
  const port = uri.port === undefined ? "" : `:${uri.port}`;
  const path = percentEncode(uri.path, /[A-Za-z0-9\-._~!*'()/;@&=+$,]/);
  const query = uri.query === undefined ? "" : `?${uri.query}`;
  const fragment =
    uri.fragment === undefined ? "" : `#${percentEncode(uri.fragment, /[A-Za-z0-9\-._~!*'();/?:@&=+$,[\]]/)}`;
  return `${uri.scheme}://${user}${host}${port}${path}${query}${fragment}`;
}

/** A URI for an error message: without its query, and without anything that looks like a password. */
export function quoteUri(uri: string): string {
  return JSON.stringify(presentableUri(uri));
}

/** A URI without what is not for everybody's eyes: its password, and its parameters. */
export function presentableUri(uri: string): string {
  const [address = ""] = withoutPassword(uri).split(/[?#]/, 1);
  return address;
}

const password = /(\/\/[^:@/]*?)(?::|%3a).*$/is;

/**
 * A URI without its password, which ends at the last @: it may contain anything where the URI is malformed, and it is
 * better to hide too much.
 */
export function withoutPassword(uri: string): string {
  const end = uri.lastIndexOf("@");
  return end < 0 ? uri : uri.slice(0, end).replace(password, "$1:***") + uri.slice(end);
}

/** A user's name without the password that some take for a part of it. */
export function presentableUser(user: string): string {
  return user.replace(/:.*/s, ":***");
}

function malformed(uri: string, why: string): TypeError {
  return new TypeError(`Not a libvirt URI: ${quoteUri(uri)}: ${why}`);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function percentDecode(part: string, uri: string): string {
  if (!part.includes("%")) return part;
  const bytes = part.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  let decoded: string;
  try {
    decoded = utf8.decode(Buffer.from(bytes, "latin1"));
  } catch {
    throw malformed(uri, "its percent-encoded characters are not UTF-8");
  }
  // A C string would end here, and what was checked would not be what is used.
  if (decoded.includes("\0")) throw malformed(uri, "it contains a percent-encoded NUL");
  return decoded;
}

function percentEncode(text: string, plain: RegExp): string {
  return Array.from(Buffer.from(text), (byte) => {
    const char = String.fromCharCode(byte);
    return plain.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
