import { logIn } from "../../api/log-in.js";
import type { RefusedMechanism } from "../../auth/observer.js";
import type { Session } from "../../rpc/session.js";
import { userName } from "../../transport/host.js";
import { defaultSshUser } from "../../transport/ssh2.js";
import type { TlsTransport } from "../../transport/tls.js";
import type { Transport } from "../../transport/transport.js";
import type { LibvirtUri } from "../../transport/uri.js";
import { presentableUser } from "../../transport/uri-syntax.js";
import type { Notes } from "./diagnosis.js";
import { daemonsLog } from "./explain.js";
import { Milestone } from "./milestone.js";
import type { Detail } from "./steps.js";

/** What comes before all else in a conversation: what the daemon asks for, and our answer to it. */
export class Login {
  readonly #session: Session;
  readonly #uri: LibvirtUri;
  readonly #found: Record<string, Detail> = {};
  #loggingIn: Promise<void> | undefined;
  #identity: string | undefined;
  #type = "none";

  constructor(session: Session, uri: LibvirtUri) {
    this.#session = session;
    this.#uri = uri;
  }

  /** Until the daemon has said its first word: only now it is certain that there is one. */
  async greet(signal: AbortSignal | undefined, notes: Notes): Promise<void> {
    const { details } = notes;
    // On other ways the error knows what may be behind it.
    if (this.#uri.transport === "unix")
      notes.adviceOnFailure = `The daemon may have too many clients (max_clients), or not be libvirt's. ${daemonsLog}`;
    const answered = new Milestone<void>();
    this.#loggingIn = logIn(this.#session, this.#uri, undefined, signal, {
      types: (offered, chosen) => {
        this.#type = chosen;
        details["offered"] = offered;
        answered.reach();
      },
      mechanisms: (offered, refused, chosen) => {
        this.#found["mechanisms"] = offered;
        this.#found["mechanism"] = chosen ?? null;
        this.#found["notUsed"] = reasons(offered, refused, chosen, this.#uri.options.auth);
      },
      login: (authname, file) => {
        this.#identity = authname;
        if (file !== undefined) this.#found["credentials"] = file;
      },
    });
    this.#loggingIn.catch(() => {}); // the step that waits for it hears of it
    await Promise.race([answered.reached, this.#loggingIn]);
  }

  /** Until the daemon is content. */
  async finish(transport: Transport, { details }: Notes): Promise<void> {
    details["type"] = this.#type;
    try {
      await this.#loggingIn;
    } finally {
      Object.assign(details, this.#found);
      // A mechanism without a password knows by itself who we are.
      const identity =
        this.#identity ?? (this.#type === "sasl" ? undefined : identityOn(transport, this.#uri));
      if (identity !== undefined) details["identity"] = identity;
    }
    details["secure"] = this.#session.secure;
    details["encrypted"] = this.#session.encrypted;
  }
}

/** Why each mechanism that was offered is not used. */
function reasons(
  offered: readonly string[],
  refused: readonly RefusedMechanism[],
  chosen: string | undefined,
  wanted: string | undefined,
): Detail {
  const why = new Map(refused.map(({ name, reason }) => [name, reason]));
  const other = wanted?.includes(".") ? `the URI's auth= asks for ${chosen}` : `${chosen} is preferred`;
  return Object.fromEntries(
    offered.filter((name) => name !== chosen).map((name) => [name, why.get(name) ?? other]),
  );
}

/** Whom the daemon takes us for where no name was given. */
function identityOn(transport: Transport, { transport: kind, user }: LibvirtUri): string {
  switch (kind) {
    case "unix":
      return `this process's user, ${userName()}`;
    case "tls":
      return (transport as TlsTransport).tls.client?.subject ?? "nobody: there is no client certificate";
    case "tcp":
      return "nobody in particular";
    case "ext":
      return "whoever the program on the way makes us there";
    case "ssh":
      return user === undefined
        ? "whoever ssh logs in as"
        : `${presentableUser(user)}, on the far side of ssh`;
    case "libssh2":
    case "libssh":
      return `${presentableUser(user ?? defaultSshUser)}, on the far side of ssh`;
  }
}
