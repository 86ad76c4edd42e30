import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { bytesOf } from "../../../auth/mechanism.js";
import { saslprep } from "../../../auth/saslprep.js";
import { Denied, firstMessage, type ServerMechanism, textIn } from "./mechanism.js";

const hash = "sha256";
const hashLength = 32;
const iterations = 4096;

/** Salts names that nobody has as it does others, so that nobody learns which there are. */
const saltSecret = randomBytes(hashLength);

/** SCRAM-SHA-256, RFC 5802 and RFC 7677: the client shows that it knows the password, and so does the server. */
export const scramSha256: ServerMechanism = {
  name: "SCRAM-SHA-256",
  usable: ({ findPassword }) => findPassword !== undefined,
  async *exchange({ findPassword }, first) {
    const { header, bare, userName, clientNonce } = readFirst(textIn(yield* firstMessage(first)));
    const expected = await findPassword?.(userName);
    const password = await saslprep(expected ?? randomBytes(hashLength).toString("hex"), "password");
    const salt = hmac(saltSecret, userName).subarray(0, 16);
    const nonce = clientNonce + randomBytes(24).toString("base64");
    const serverFirst = `r=${nonce},s=${salt.toString("base64")},i=${iterations}`;

    const { withoutProof, proof } = readFinal(textIn(yield bytesOf(serverFirst)), header, nonce);
    const said = `${bare},${serverFirst},${withoutProof}`;
    const salted = await promisify(pbkdf2)(password, salt, iterations, hashLength, hash);
    const storedKey = digest(hmac(salted, "Client Key"));
    const signature = hmac(storedKey, said);
    const clientKey = proof.map((byte, index) => byte ^ signature[index]!);
    if (!timingSafeEqual(digest(clientKey), storedKey) || expected === undefined) {
      throw new Denied("wrong name or password");
    }
    const serverSignature = hmac(hmac(salted, "Server Key"), said).toString("base64");
    return { userName, data: bytesOf(`v=${serverSignature}`) };
  },
};

const digest = (data: Uint8Array) => createHash(hash).update(data).digest();
const hmac = (key: Uint8Array, data: string) => createHmac(hash, key).update(data).digest();

function readFirst(message: string) {
  // No channel binding, which takes a mechanism of another name.
  const parts = /^([ny],(?:a=([^,]*))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s.exec(message);
  const [, header = "", actAs, bare = "", name = "", clientNonce = ""] = parts ?? [];
  if (!parts) throw new Denied("not a first message");
  const userName = unescaped(name);
  if (actAs !== undefined && unescaped(actAs) !== userName)
    throw new Denied("nobody may act as somebody else");
  return { header, bare, userName, clientNonce };
}

function readFinal(message: string, header: string, nonce: string) {
  const withoutProof = `c=${Buffer.from(header).toString("base64")},r=${nonce}`;
  const [, proof = ""] = /,p=([A-Za-z0-9+/]+={0,2})$/.exec(message) ?? [];
  const bytes = Buffer.from(proof, "base64");
  if (message !== `${withoutProof},p=${proof}` || bytes.length !== hashLength) {
    throw new Denied("not a last message that belongs to the first");
  }
  return { withoutProof, proof: bytes };
}

function unescaped(name: string): string {
  if (/=(?!2C|3D)/.test(name)) throw new Denied("a name that is not escaped");
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}
