import { promisify } from "node:util";
import { AuthenticationError } from "../errors.js";
import {
  bytesOf,
  type Exchange,
  lackOfPassword,
  type Mechanism,
  malformed,
  type SaslContext,
  textOf,
  unproven,
} from "./mechanism.js";
import { saslprep } from "./saslprep.js";

const { createHash, createHmac, pbkdf2, timingSafeEqual } = process.getBuiltinModule("node:crypto");

// Fewer would help whoever listens to guess the password; more would keep this machine busy at the daemon's will.
const fewestIterations = 4096;
const mostIterations = 1_000_000;

/** SCRAM, RFC 5802 and RFC 7677: shows that we know the password without sending it, and has the daemon do the same. */
export function scram(name: string, hash: string): Mechanism {
  return {
    name,
    plain: false,
    layered: false,
    lacks: lackOfPassword,
    exchange: (context) => exchange(name, hash, context),
  };
}

async function* exchange(name: string, hash: string, { credentials, nonce }: SaslContext): Exchange {
  const { authname, password, actAs } = await credentials.login(name);
  const user = escaped(await saslprep(authname, "name"));
  const preparedPassword = await saslprep(password, "password");
  const header = actAs === undefined ? "n,," : `n,a=${escaped(await saslprep(actAs, "name"))},`;
  const ownNonce = nonce();
  const clientFirst = `n=${user},r=${ownNonce}`;

  const serverFirst = textOf(name, yield bytesOf(header + clientFirst));
  const { sharedNonce, salt, iterations } = readServerFirst(name, serverFirst, ownNonce);

  const digest = (data: Uint8Array) => createHash(hash).update(data).digest();
  const hmac = (key: Uint8Array, data: string) => createHmac(hash, key).update(data).digest();
  const length = digest(new Uint8Array(0)).length;
  const salted = await promisify(pbkdf2)(preparedPassword, salt, iterations, length, hash);
  const clientFinal = `c=${Buffer.from(header).toString("base64")},r=${sharedNonce}`;
  const said = `${clientFirst},${serverFirst},${clientFinal}`;
  const clientKey = hmac(salted, "Client Key");
  const clientSignature = hmac(digest(clientKey), said);
  const proof = clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0));

  const serverFinal = textOf(
    name,
    yield bytesOf(`${clientFinal},p=${Buffer.from(proof).toString("base64")}`),
  );
  checkServerFinal(name, serverFinal, hmac(hmac(salted, "Server Key"), said));
  return undefined;
}

function readServerFirst(name: string, message: string, ownNonce: string) {
  const parts =
    /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\d{0,9})(?:,[A-Za-z]=.*)?$/s.exec(message);
  const [, sharedNonce = "", salt = "", count = ""] = parts ?? [];
  if (!parts) {
    throw /^m=/.test(message)
      ? malformed(name, "it wants an extension that there is none of")
      : malformed(name, "its first message is no nonce, salt and iteration count");
  }
  if (!sharedNonce.startsWith(ownNonce) || sharedNonce === ownNonce) {
    throw malformed(
      name,
      "its nonce does not continue ours, so that this may be an old conversation over again",
    );
  }
  const iterations = Number(count);
  if (iterations < fewestIterations || iterations > mostIterations) {
    throw new AuthenticationError(
      `${name}: the daemon wants the password hashed ${iterations} times; this client does it ` +
        `${fewestIterations} to ${mostIterations} times`,
    );
  }
  return { sharedNonce, salt: Buffer.from(salt, "base64"), iterations };
}

function checkServerFinal(name: string, message: string, expected: Buffer): void {
  const [, error] = /^e=([\w-]*)/.exec(message) ?? [];
  if (error !== undefined) throw new AuthenticationError(`${name}: the daemon refuses the login: ${error}`);
  const [, signature] = /^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(message) ?? [];
  if (signature === undefined) throw malformed(name, "its last message has no signature");
  const given = Buffer.from(signature, "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw unproven(name);
}

function escaped(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}
