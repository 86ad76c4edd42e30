import type { Socket } from "node:net";
import type { Client, ServerHostKeyAlgorithm } from "ssh2";
import { ConnectionError } from "../../errors.js";
import type { TransportObserver } from "../observer.js";
import { ChannelTransport, type CommandPeer } from "./channel.js";
import type { HostKeys } from "./host-key.js";
import { describeKey } from "./known-hosts.js";
import type { Login } from "./login.js";
import type { Ssh2 } from "./package.js";

/** All that servers' keys can be signed with, in the order of the package ssh2. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
  "ssh-rsa",
];

/** The way from a connected socket to a command that runs on the server. */
export class Opening {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #address: string;
  readonly #login: Login;
  /** Rejects as soon as nothing will come of it any more. */
  readonly #failed: Promise<never>;
  /** What is being waited for. */
  #phase: "handshake" | "login" | "command" = "handshake";
  #over = false;
  fail!: (reason: unknown) => void;

  constructor(ssh2: Ssh2, socket: Socket, address: string, login: Login) {
    this.#client = new ssh2.Client();
    this.#socket = socket;
    this.#address = address;
    this.#login = login;
    this.#failed = new Promise<never>((_, reject) => {
      this.fail = (reason) => {
        this.#over = true;
        reject(reason);
      };
    });
    this.#failed.catch(() => {}); // nobody may be waiting yet, or any more
    this.#client.on("error", (cause) => this.#onError(cause));
    this.#client.on("close", () => this.fail(this.#ended("it ended the connection")));
    this.#client.on("change password", () => {
      this.fail(login.failure("password: it has expired. Change it on the server"));
    });
  }

  /** Comes to terms with the server about who each of us is. */
  async logIn(user: string, hostKeys: HostKeys, observer: TransportObserver | undefined): Promise<void> {
    const { types } = hostKeys;
    let trusted: Buffer | undefined;
    const ready = new Promise<void>((resolve) => this.#client.on("ready", resolve));
    const proven = new Promise<void>((resolve) => this.#client.on("handshake", () => resolve()));
    this.#client.connect({
      sock: this.#socket,
      username: user,
      readyTimeout: 0,
      ...(types.length > 0 && { algorithms: { serverHostKey: preferring(types) } }),
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
        // The keys for encryption are changed now and then, and the server says again who it is.
        if (trusted) {
          verify(trusted.equals(key));
          return;
        }
        const shown = Buffer.from(key);
        hostKeys.check(shown).then((reason) => {
          trusted = shown;
          observer?.trusted?.(describeKey(shown), reason);
          // In Deno this comes in the midst of what has arrived, and the package, asked then, never goes on.
          setImmediate(() => {
            if (!this.#over) verify(true);
          });
        }, this.fail);
      },
      authHandler: (methods: readonly string[] | null, partial, next) => {
        const attempt = this.#login.next({ offered: methods ?? [], partial });
        attempt
          .then((method) => {
            if (this.#over) return;
            if (method) next(method);
            else this.fail(this.#login.failure());
          })
          .catch(this.fail);
      },
    });
    const remembered = proven.then(() => {
      this.#phase = "login";
      return hostKeys.remember();
    });
    await Promise.race([Promise.all([ready, remembered]), this.#failed]);
    this.#phase = "command";
    observer?.loggedIn?.(user, this.#login.method);
  }

  /** Starts a command, and hands all over to the transport that leads to it. */
  run(command: string, peer: CommandPeer): Promise<ChannelTransport> {
    const started = new Promise<ChannelTransport>((resolve) => {
      this.#client.exec(command, (error, channel) => {
        if (error) this.fail(this.#ended(`it runs no commands for this user (${error.message})`));
        else resolve(new ChannelTransport(this.#client, this.#socket, channel, peer));
      });
    });
    return Promise.race([started, this.#failed]);
  }

  #onError(cause: Error & { readonly level?: string }): void {
    // The package goes on after these, with the next key or method.
    if (cause.level === "agent") this.#login.agentFailed(cause);
    else if (cause.level !== "client-authentication") this.fail(this.#ended(cause.message, cause));
  }

  #ended(why: string, cause?: Error): Error {
    switch (this.#phase) {
      case "handshake": {
        const stranger = /identification|before handshake|ended the connection/.test(why);
        const advice = stranger
          ? ". Check that an ssh server listens there, and that it has not too many clients"
          : "";
        return new ConnectionError(`No ssh session with ${this.#address}: ${why}${advice}`, { cause });
      }
      case "login":
        return this.#login.failure(`then ${why}`);
      case "command":
        return new ConnectionError(`${this.#address} lets us in, but not to the daemon: ${why}`, { cause });
    }
  }
}

/** These first, because a key of another type would be unknown even if the server has one that is known. */
function preferring(types: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string) =>
    types.includes(algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm);
  return [
    ...hostKeyAlgorithms.filter(isKnown),
    ...hostKeyAlgorithms.filter((algorithm) => !isKnown(algorithm)),
  ];
}
