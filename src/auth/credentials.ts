import { AuthenticationError } from "../errors.js";
import { ConnectCredentialType } from "../generated/constants.js";
import type { StoredCredentials } from "./auth-conf.js";
import type { AuthenticationObserver } from "./observer.js";

/** A name and its password, for daemons that ask for one. */
export interface PasswordCredentials {
  /** Who we want to be. */
  readonly username: string;
  readonly password: string;
  /** Whose password it is, where that is somebody else who may act as `username`. */
  readonly authname?: string | undefined;
  /** The realm of the name, where the daemon has several. */
  readonly realm?: string | undefined;
}

/** Something that a daemon wants to know, as in the C API's `virConnectCredential`. */
export interface Credential {
  /** What is wanted: `AUTHNAME`, `PASSPHRASE`, `REALM` … */
  readonly type: ConnectCredentialType;
  /** The question, for people. */
  readonly prompt: string;
  /** What the daemon said about it: for `REALM`, those that there are. */
  readonly challenge: string | null;
  /** What will do if there is no other answer. */
  readonly defaultResult: string | null;
}

/**
 * Answers what a daemon wants to know, in the same order; `null` leaves it at `defaultResult`. The signal aborts when
 * nobody waits for the answers any more.
 */
export type CredentialsCallback = (
  wanted: readonly Credential[],
  options: { readonly signal: AbortSignal | undefined },
) => readonly (string | null)[] | Promise<readonly (string | null)[]>;

/** Where credentials come from, unless it is auth.conf. */
export type AuthOption = PasswordCredentials | CredentialsCallback;

/** Who logs in, and by whose password. */
export interface Login {
  readonly authname: string;
  readonly password: string;
  /** Whom the one who logs in wants to act as, if that is somebody else. */
  readonly actAs: string | undefined;
}

export interface CredentialSources {
  readonly auth: AuthOption | undefined;
  /** What auth.conf has. The caller's own credentials come first, questions to people last. */
  readonly stored: StoredCredentials | undefined;
  readonly hostname: string;
  readonly signal: AbortSignal | undefined;
  readonly observer?: AuthenticationObserver | undefined;
}

/** Throws a TypeError for an `auth` option that cannot be, without a word of what is in it. */
export function checkAuth(auth: AuthOption | undefined): void {
  if (auth === undefined || typeof auth === "function") return;
  if (typeof auth !== "object" || auth === null)
    throw new TypeError(
      `auth: credentials or a function are wanted, not ${auth === null ? "null" : typeof auth}`,
    );
  for (const key of ["username", "password", "authname", "realm"] as const) {
    const value: unknown = auth[key];
    const optional = key === "authname" || key === "realm";
    if (typeof value !== "string" && !(optional && value === undefined))
      throw new TypeError(`auth.${key}: a string is wanted, not ${typeof value}`);
  }
}

/** All that is known for one authentication. Its secrets are where no inspection shows them. */
export class Credentials {
  readonly #own: PasswordCredentials | undefined;
  readonly #stored: StoredCredentials | undefined;
  readonly #ask: CredentialsCallback | undefined;
  readonly #hostname: string;
  readonly #signal: AbortSignal | undefined;
  readonly #observer: AuthenticationObserver | undefined;

  constructor({ auth, stored, hostname, signal, observer }: CredentialSources) {
    this.#own = typeof auth === "object" ? auth : undefined;
    this.#ask = typeof auth === "function" ? auth : undefined;
    this.#stored = stored;
    this.#hostname = hostname;
    this.#signal = signal;
    this.#observer = observer;
  }

  /** Whom to act as, if the caller wants to be somebody else than who logs in. */
  get actAs(): string | undefined {
    const { username, authname = username } = this.#own ?? {};
    return authname === username ? undefined : username;
  }

  /** Why there is no password to be had; undefined where there may be one. */
  get lackOfPassword(): string | undefined {
    if (this.#own || this.#ask || this.#stored?.password !== undefined) return undefined;
    const where = this.#stored ? `${this.#stored.file} has no password` : `no auth.conf has a password`;
    return `it takes a name and a password, and ${where} for libvirt on ${this.#hostname}`;
  }

  /** @param mechanism - Who asks, for the error where there is no answer. */
  async login(mechanism: string): Promise<Login> {
    const login = await this.#login(mechanism);
    this.#observer?.login?.(login.authname, this.#own ? undefined : this.#stored?.file);
    return login;
  }

  async #login(mechanism: string): Promise<Login> {
    const own = this.#own;
    if (own) return { authname: own.authname ?? own.username, password: own.password, actAs: this.actAs };
    const { authname, username, password } = this.#stored ?? {};
    const known = [authname ?? username, password];
    const host = this.#hostname;
    const questions = [
      question(ConnectCredentialType.AUTHNAME, `Name for libvirt on ${host}`, host),
      question(ConnectCredentialType.PASSPHRASE, `Password for libvirt on ${host}`, host),
    ];
    const answers = await this.ask(questions.filter((_, index) => known[index] === undefined));
    const [name, secret] = known.map((value) => value ?? answers.shift() ?? undefined);
    if (name === undefined || secret === undefined) {
      throw new AuthenticationError(
        `${mechanism} takes a name and a password. Give connect() the option auth, or put authname and password ` +
          `into an auth.conf, under the credentials that [auth-libvirt-${host}] names`,
      );
    }
    return { authname: name, password: secret, actAs: undefined };
  }

  /** The realm to log in to, of those that the daemon offers, or our own where it offers none. */
  async realm(offered: readonly string[]): Promise<string> {
    const own = this.#own?.realm;
    if (own !== undefined && offered.length > 0 && !offered.includes(own)) {
      throw new AuthenticationError(
        `The daemon has no realm ${JSON.stringify(own)}, only ${offered.map((one) => JSON.stringify(one)).join(", ")}. ` +
          "Leave auth.realm out, or put the realm into the name: user@realm",
      );
    }
    if (own !== undefined) return own;
    // As in C: where there is no choice nobody is asked.
    if (offered.length === 1) return offered[0]!;
    const stored = this.#stored?.realm;
    if (stored !== undefined || offered.length === 0) return stored ?? "";
    const realms = offered.join(" ");
    const wanted = { ...question(ConnectCredentialType.REALM, "Realm", realms), defaultResult: offered[0]! };
    return (await this.ask([wanted]))[0] ?? offered[0]!;
  }

  /** Asks the caller's function; without one, nobody answers but by the default. */
  async ask(questions: readonly Credential[]): Promise<(string | null)[]> {
    if (!this.#ask || questions.length === 0) return questions.map((one) => one.defaultResult);
    const asked = await untilAborted(this.#ask(questions, { signal: this.#signal }), this.#signal);
    if (!Array.isArray(asked) || asked.length !== questions.length)
      throw new TypeError(`auth: ${questions.length} answers in an array are wanted from the function`);
    return questions.map(({ type, defaultResult }, index) => {
      const answer: unknown = asked[index] ?? defaultResult;
      if (answer === null || typeof answer === "string") return answer;
      throw new TypeError(`auth: a string is wanted for credential type ${type}, not ${typeof answer}`);
    });
  }
}

function question(type: ConnectCredentialType, prompt: string, challenge: string): Credential {
  return { type, prompt, challenge, defaultResult: null };
}

/** People may take longer than the caller has time. */
async function untilAborted<T>(answer: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason);
    // By the function itself: what it came to, be it an error, counts for nothing then.
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort);
    stop = () => signal.removeEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([aborted, answer]);
  } finally {
    stop();
  }
}
