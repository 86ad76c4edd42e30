import { AuthenticationError } from "../errors.js";
import { ciphers, DigestMd5Layer, md5, type Protection } from "./digest-md5-layer.js";
import {
  bytesOf,
  type Channel,
  lackOfPassword,
  type Mechanism,
  malformed,
  textOf,
  unproven,
} from "./mechanism.js";
import { maxSealedBuffer } from "./security-layer.js";

const { timingSafeEqual } = process.getBuiltinModule("node:crypto");

const name = "DIGEST-MD5";

/** DIGEST-MD5, RFC 2831: both sides show that they know the password, and what follows can be encrypted. */
export const digestMd5: Mechanism = {
  name,
  plain: false,
  layered: true,
  lacks: lackOfPassword,
  async *exchange({ channel, hostname, credentials, nonce }) {
    const challenge = readChallenge(textOf(name, yield null));
    const protection = choose(challenge.qop, channel);
    const cipher = protection === "auth-conf" ? chooseCipher(challenge.ciphers) : undefined;
    const { authname, password, actAs } = await credentials.login(name);
    const realm = await credentials.realm(challenge.realms);
    if (!challenge.utf8 && !/^[\0-\x7f]*$/.test(`${authname}${password}${realm}`)) {
      throw new AuthenticationError(`${name}: this daemon takes names and passwords in ASCII only`);
    }

    const login: DigestLogin = {
      ...{ username: authname, realm, password, actAs, protection },
      ...{ nonce: challenge.nonce, clientNonce: nonce(), uri: `libvirt/${hostname}` },
    };
    const { sessionHash, response, expected } = digestResponse(login);
    const answer = [
      challenge.utf8 && "charset=utf-8",
      `username=${quoted(authname)}`,
      challenge.realms.length > 0 && `realm=${quoted(realm)}`,
      `nonce=${quoted(challenge.nonce)}`,
      "nc=00000001",
      `cnonce=${quoted(login.clientNonce)}`,
      `digest-uri=${quoted(login.uri)}`,
      `maxbuf=${maxSealedBuffer}`,
      `qop=${protection}`,
      cipher && `cipher=${cipher.name}`,
      `response=${response}`,
      actAs !== undefined && `authzid=${quoted(actAs)}`,
    ];
    const verdict = yield bytesOf(answer.filter(Boolean).join(","));

    const proof = bytesOf(readDirectives(textOf(name, verdict)).get("rspauth")?.[0] ?? "");
    const wanted = bytesOf(expected);
    if (proof.length !== wanted.length || !timingSafeEqual(proof, wanted)) throw unproven(name);
    return protection === "auth" ? undefined : new DigestMd5Layer(sessionHash, cipher, challenge.maxbuf);
  },
};

/** What goes into the hashes. */
export interface DigestLogin {
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly actAs?: string | undefined;
  readonly nonce: string;
  readonly clientNonce: string;
  readonly uri: string;
  readonly protection: Protection;
}

/** What shows that we know the password, what shows that the daemon does, and the secret they share from then on. */
export function digestResponse(login: DigestLogin) {
  const { username, realm, password, actAs, nonce, clientNonce, uri, protection } = login;
  const secret = md5(hashed(username), ":", hashed(realm), ":", hashed(password));
  const sessionHash = md5(secret, `:${nonce}:${clientNonce}`, actAs === undefined ? "" : `:${actAs}`);
  const ending = protection === "auth" ? "" : `:${"0".repeat(32)}`;
  const over = (what: string) => {
    const said = `${nonce}:00000001:${clientNonce}:${protection}:${md5(`${what}:${uri}${ending}`).toString("hex")}`;
    return md5(`${sessionHash.toString("hex")}:${said}`).toString("hex");
  };
  return { sessionHash, response: over("AUTHENTICATE"), expected: over("") };
}

interface Challenge {
  readonly realms: readonly string[];
  readonly nonce: string;
  readonly qop: readonly string[];
  readonly ciphers: readonly string[];
  readonly maxbuf: number;
  readonly utf8: boolean;
}

function readChallenge(text: string): Challenge {
  const directives = readDirectives(text);
  const nonce = directives.get("nonce") ?? [];
  if (nonce.length !== 1 || directives.get("algorithm")?.[0] !== "md5-sess")
    throw malformed(name, "its challenge has no nonce, or not the algorithm md5-sess");
  const [maxbuf = "65536"] = directives.get("maxbuf") ?? [];
  if (!/^\d{2,8}$/.test(maxbuf) || Number(maxbuf) < 64) throw malformed(name, "it takes too small buffers");
  return {
    realms: directives.get("realm") ?? [],
    nonce: nonce[0]!,
    qop: list(directives.get("qop")?.[0] ?? "auth"),
    ciphers: list(directives.get("cipher")?.[0] ?? ""),
    maxbuf: Number(maxbuf),
    utf8: directives.get("charset")?.[0]?.toLowerCase() === "utf-8",
  };
}

/** `name=token` and `name="quoted string"`, with commas between. A realm may come more than once. */
function readDirectives(text: string): ReadonlyMap<string, readonly string[]> {
  const directives = new Map<string, string[]>();
  // Each space fits in one place only, or a daemon could have us look for the right ones for seconds.
  const directive = /[\s,]*([\w-]+)\s*=\s*(?:(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*)?(?=,|$)/sy;
  for (let at = 0; /[^\s,]/.test(text.slice(at)); at = directive.lastIndex) {
    const [, key, string, token] = directive.exec(text) ?? [];
    if (key === undefined) throw malformed(name, "its message cannot be read");
    const value = string?.replace(/\\(.)/gs, "$1") ?? token ?? "";
    const values = directives.get(key.toLowerCase());
    if (values) values.push(value);
    else directives.set(key.toLowerCase(), [value]);
  }
  return directives;
}

/** As libvirt wants it: no less than encryption where the pipe has none, and no more than needed where it has. */
function choose(offered: readonly string[], { secure }: Channel): Protection {
  const acceptable: readonly Protection[] = secure ? ["auth", "auth-int", "auth-conf"] : ["auth-conf"];
  const choice = acceptable.find((protection) => offered.includes(protection));
  if (choice) return choice;
  throw new AuthenticationError(
    `${name}: ${secure ? "this client knows" : "on a pipe in clear this client accepts"} the protection ` +
      `${acceptable.join(", ")}, and the daemon offers ${offered.join(", ")}`,
  );
}

function chooseCipher(offered: readonly string[]) {
  const choice = ciphers.find((cipher) => offered.includes(cipher.name));
  if (choice) return choice;
  const ours = ciphers.map((cipher) => cipher.name).join(", ");
  throw new AuthenticationError(
    `${name}: this client has the ciphers ${ours}, and the daemon ${offered.join(", ") || "none"}`,
  );
}

function list(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Text that Latin-1 has is hashed as such, though it travels as UTF-8. */
function hashed(text: string): Buffer {
  return Buffer.from(text, /^[\0-\xff]*$/.test(text) ? "latin1" : "utf8");
}
