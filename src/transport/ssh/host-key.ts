import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AuthenticationError, ConnectionError } from "../../errors.js";
import { ConnectCredentialType } from "../../generated/constants.js";
import { type Host, userConfigDirectory } from "../host.js";
import type { HostKeyCheck, UriOptions } from "../uri.js";
import type { SshAnswers } from "./answers.js";
import {
  checkHostKey,
  describeKey,
  fingerprint,
  type KnownHost,
  knownHostsLine,
  knownKeyTypes,
  parseKnownHosts,
} from "./known-hosts.js";
import type { SshOptions } from "./options.js";

/** What a server's key is judged by. */
export interface HostKeyRules {
  readonly host: string;
  readonly port: number;
  readonly uri: Pick<UriOptions, "knownHosts" | "knownHostsVerify" | "noVerify">;
  readonly ssh: Pick<SshOptions, "knownHosts" | "hostKey">;
  /** A file that counts beside the user's, and is never written to. */
  readonly globalFile: string | undefined;
  readonly answers: SshAnswers;
  readonly machine: Host;
}

/** Decides whether a server is the one that is meant. */
export class HostKeys {
  readonly #rules: HostKeyRules;
  readonly #mode: HostKeyCheck;
  /** Where a key that was unknown is written to; undefined where the keys are the caller's. */
  readonly #file: string | undefined;
  readonly #sources: readonly string[];
  readonly #known: readonly KnownHost[];
  #new: Buffer | undefined;

  private constructor(rules: HostKeyRules, file: string | undefined, texts: ReadonlyMap<string, string>) {
    this.#rules = rules;
    this.#mode = rules.uri.knownHostsVerify ?? "normal";
    this.#file = file;
    this.#sources = [...texts.keys()];
    this.#known = [...texts].flatMap(([source, text]) => parseKnownHosts(text, source));
  }

  /** Reads the files, as far as they are of any account. */
  static async load(rules: HostKeyRules): Promise<HostKeys> {
    const { uri, ssh, globalFile, machine } = rules;
    if (ssh.hostKey !== undefined || uri.knownHostsVerify === "ignore") {
      return new HostKeys(rules, undefined, new Map());
    }
    if (ssh.knownHosts !== undefined) {
      const text =
        typeof ssh.knownHosts === "string" ? ssh.knownHosts : Buffer.from(ssh.knownHosts).toString();
      return new HostKeys(rules, undefined, new Map([["ssh.knownHosts", text]]));
    }
    const own = uri.knownHosts ?? `${userConfigDirectory(machine)}/known_hosts`;
    const texts = new Map<string, string>();
    for (const file of globalFile === undefined ? [own] : [own, globalFile]) {
      texts.set(file, await read(file, machine));
    }
    return new HostKeys(rules, own, texts);
  }

  /** The types of the keys that are known: a server with several keys should show one of these. */
  get types(): string[] {
    return knownKeyTypes(this.#known, this.#rules.host, this.#rules.port);
  }

  /**
   * Returns why the key is trusted.
   *
   * @throws AuthenticationError where it is not to be.
   */
  async check(key: Buffer): Promise<string> {
    const { host, port, ssh } = this.#rules;
    if (ssh.hostKey !== undefined) {
      if (fingerprint(key) !== ssh.hostKey) {
        throw this.#failure(
          `is not the expected one: it is ${describeKey(key)}, and ssh.hostKey is ${ssh.hostKey}. ` +
            "Find out which is right: somebody may be listening in",
        );
      }
      return "it is ssh.hostKey";
    }
    if (this.#mode === "ignore") return "known_hosts_verify=ignore takes any";
    const verdict = checkHostKey(this.#known, host, port, key);
    switch (verdict.is) {
      case "known":
        return `known by ${verdict.known.place}`;
      case "revoked":
        throw this.#failure(`(${describeKey(key)}) is revoked, by ${verdict.known.place}`);
      case "changed":
        throw this.#failure(
          `has changed: it is ${describeKey(key)}, and ${verdict.known.place} has ` +
            `${describeKey(verdict.known.key)}. Somebody may be listening in. ` +
            "If the server has a new key indeed, remove that line and add the new one",
        );
      case "unknown":
        if (this.#mode === "normal") await this.#ask(key, verdict.authority);
        this.#new = key;
        return this.#mode === "normal" ? "accepted when asked" : "known_hosts_verify=auto takes what is new";
    }
  }

  /** Writes down the key that was checked, if it was unknown; to be done when the server has shown that it owns it. */
  async remember(): Promise<void> {
    const { host, port } = this.#rules;
    if (!this.#new || this.#file === undefined) return;
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      const before = await readFile(this.#file, "utf8").catch(() => "");
      const gap = before === "" || before.endsWith("\n") ? "" : "\n";
      await appendFile(this.#file, gap + knownHostsLine(host, port, this.#new), { mode: 0o600 });
    } catch (cause) {
      throw new ConnectionError(
        `Cannot write the host key of ${host} to ${this.#file}: ${(cause as Error).message}. ` +
          "Name another file by known_hosts=, or give connect() the option ssh.hostKey",
        { cause },
      );
    }
  }

  async #ask(key: Buffer, authority: KnownHost | undefined): Promise<void> {
    const { host, port, uri, answers } = this.#rules;
    if (!answers.ask) {
      const vouches =
        authority &&
        `. The authority in ${authority.place} is of no use, because the package ssh2 does not know host certificates`;
      const ignored = uri.noVerify ? ". no_verify is for the transports ssh and tls" : "";
      throw this.#failure(
        `is unknown: it is ${describeKey(key)}, and there is none in ${this.#sources.join(", ")}${vouches ?? ""}` +
          `${ignored}. Compare it with what ssh-keygen -l says on the server; then add it there, or say ` +
          "known_hosts_verify=auto in the URI, or give connect() the option ssh.hostKey",
      );
    }
    const question = {
      type: ConnectCredentialType.ECHOPROMPT,
      prompt: `Trust the host key ${describeKey(key)} of ${host}:${port} (y/n)?`,
      challenge: fingerprint(key),
    };
    const [answer] = await answers.ask([question]);
    if (answer?.toLowerCase() !== "y") throw this.#failure(`(${describeKey(key)}) was not accepted`);
  }

  #failure(what: string): AuthenticationError {
    return new AuthenticationError(`The host key of ${this.#rules.host}:${this.#rules.port} ${what}`);
  }
}

async function read(file: string, machine: Host): Promise<string> {
  try {
    return (await machine.readFile(file)) ?? "";
  } catch (cause) {
    throw new ConnectionError(`Cannot read the known hosts in ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
