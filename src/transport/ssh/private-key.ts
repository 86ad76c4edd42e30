import type { ParsedKey } from "ssh2";
import { type Host, userSshDirectory } from "../host.js";
import type { Ssh2 } from "./package.js";

/** A private key as it is stored, maybe encrypted. */
export interface StoredKey {
  readonly text: string | Buffer;
  /** Where it is from, for messages. */
  readonly source: string;
}

// As in C, in this order, and the first that is there is the only one.
const usualNames = ["identity", "id_dsa", "id_ecdsa", "id_ed25519", "id_rsa"];

/** Finds the private key: the caller's, the URI's or the user's own. Where there is none, says why. */
export async function findPrivateKey(
  given: string | Uint8Array | undefined,
  keyfile: string | undefined,
  machine: Host,
): Promise<StoredKey | string> {
  if (given !== undefined) {
    return { text: typeof given === "string" ? given : Buffer.from(given), source: "ssh.privateKey" };
  }
  const folder = userSshDirectory(machine);
  const files = keyfile === undefined ? usualNames.map((name) => `${folder}/${name}`) : [keyfile];
  for (const source of files) {
    try {
      const text = await machine.readFile(source);
      if (text !== undefined) return { text, source };
    } catch (error) {
      return `${source} cannot be read: ${(error as Error).message}`;
    }
  }
  const where = keyfile === undefined ? `no private key in ${folder}` : `no file ${keyfile}`;
  return `there is ${where}. Name one by keyfile= in the URI, or give connect() the option ssh.privateKey`;
}

/** Reads a private key, or says why it cannot be used. `passphrase` is called if it is encrypted. */
export async function readPrivateKey(
  ssh2: Ssh2,
  { text, source }: StoredKey,
  passphrase: () => Promise<string | null>,
): Promise<ParsedKey | string> {
  let key = parse(ssh2, text);
  if (key instanceof Error && /no passphrase given/.test(key.message)) {
    const secret = await passphrase();
    if (secret === null) {
      return (
        `${source} is encrypted. Give connect() its passphrase by the option ssh.passphrase, or a function auth ` +
        "that can be asked"
      );
    }
    key = parse(ssh2, text, secret);
    if (key instanceof Error) return `${source} cannot be decrypted: the passphrase is wrong`;
  }
  if (key instanceof Error) {
    return `${source} cannot be used: ${key.message}. ssh-keygen -p -f FILE makes it one that can`;
  }
  return key.isPrivateKey() ? key : `${source} is a public key. Its private half is wanted`;
}

function parse(ssh2: Ssh2, text: string | Buffer, passphrase?: string): ParsedKey | Error {
  const key: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(text, passphrase);
  // The format has room for several, and the types do not know it. Nobody writes more than one.
  return Array.isArray(key) ? (key[0] ?? new Error("there is none in it")) : key;
}
