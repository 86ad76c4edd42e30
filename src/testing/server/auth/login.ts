import type { SaslData } from "../../../auth/mechanism.js";
import {
  type AuthSaslStartArgs,
  type AuthSaslStartRet,
  type AuthSaslStepArgs,
  AuthType,
  REMOTE_AUTH_SASL_DATA_MAX,
} from "../../../protocol/generated/remote.js";
import { loginFailed } from "../refusals.js";
import { external } from "./external.js";
import type { FindPassword, SaslServerContext, ServerExchange, ServerMechanism } from "./mechanism.js";
import { plain } from "./plain.js";
import { scramSha256 } from "./scram.js";

/** Who may log in, and how. */
export interface SaslOptions {
  /** The passwords of all users by their names, or what looks one up. */
  readonly users?: Readonly<Record<string, string>> | FindPassword;
  /** Which of `SCRAM-SHA-256`, `PLAIN` and `EXTERNAL` to offer; all, and in this order, if left out. */
  readonly mechanisms?: readonly SaslMechanismName[];
}

export type SaslMechanismName = "SCRAM-SHA-256" | "PLAIN" | "EXTERNAL";

const known: Readonly<Record<SaslMechanismName, ServerMechanism>> = {
  "SCRAM-SHA-256": scramSha256,
  PLAIN: plain,
  EXTERNAL: external,
};

/** What decides how a client may log in. */
export interface LoginSituation {
  /** Whether what is said is safe from listeners. None of the mechanisms encrypts what follows. */
  readonly secure: boolean;
  readonly externalName: string | undefined;
  /** Told what the function has thrown that looks passwords up: the client learns nothing of it. */
  onError(error: unknown): void;
}

/** One client's way past the door. As with libvirtd, one that has failed may try again. */
export class Login {
  readonly #options: SaslOptions | undefined;
  readonly #situation: LoginSituation;
  #phase: "closed" | "begun" | "done";
  #exchange: ServerExchange | undefined;
  #userName: string | undefined;

  /** @param options - Who may log in; everybody may enter if left out. */
  constructor(options: SaslOptions | undefined, situation: LoginSituation) {
    this.#options = options;
    this.#situation = situation;
    this.#phase = options ? "closed" : "done";
  }

  /** Whether the client may enter. */
  get done(): boolean {
    return this.#phase === "done";
  }

  /** Whom it has shown to be. */
  get userName(): string | undefined {
    return this.#userName;
  }

  get types(): readonly AuthType[] {
    return [this.#options ? AuthType.SASL : AuthType.NONE];
  }

  /** Begins, and gives the names of the mechanisms there are. */
  begin(): string {
    const usable = this.#usable();
    if (this.#phase !== "closed" || usable.length === 0) throw loginFailed();
    this.#phase = "begun";
    return usable.map(({ name }) => name).join(",");
  }

  async start({ mech, nil, data }: AuthSaslStartArgs): Promise<AuthSaslStartRet> {
    const mechanism = this.#usable().find(({ name }) => name === mech);
    if (this.#phase !== "begun" || this.#exchange || !mechanism) throw this.#failed();
    this.#exchange = mechanism.exchange(this.#context(), nil === 0 ? data : null);
    return this.#advance(null);
  }

  async step({ nil, data }: AuthSaslStepArgs): Promise<AuthSaslStartRet> {
    if (!this.#exchange) throw this.#failed();
    return this.#advance(nil === 0 ? data : null);
  }

  async #advance(data: SaslData): Promise<AuthSaslStartRet> {
    let step: Awaited<ReturnType<ServerExchange["next"]>>;
    try {
      step = await this.#exchange!.next(data);
    } catch {
      throw this.#failed();
    }
    if (!step.done) return { complete: 0, ...toWire(step.value) };
    this.#exchange = undefined;
    this.#phase = "done";
    this.#userName = step.value.userName;
    return { complete: 1, ...toWire(step.value.data) };
  }

  #failed() {
    if (this.#phase === "begun") this.#phase = "closed";
    this.#exchange = undefined;
    return loginFailed();
  }

  #usable(): readonly ServerMechanism[] {
    if (!this.#options || !this.#situation.secure) return [];
    const names = this.#options.mechanisms ?? (Object.keys(known) as SaslMechanismName[]);
    const context = this.#context();
    return names.map((name) => known[name]).filter((mechanism) => mechanism.usable(context));
  }

  #context(): SaslServerContext {
    const users = this.#options?.users;
    const { externalName, onError } = this.#situation;
    return { findPassword: users && ((name) => lookUp(users, name, onError)), externalName };
  }
}

async function lookUp(
  users: NonNullable<SaslOptions["users"]>,
  name: string,
  onError: (error: unknown) => void,
): Promise<string | undefined> {
  if (typeof users === "object") return Object.hasOwn(users, name) ? users[name] : undefined;
  try {
    return await users(name);
  } catch (error) {
    onError(error);
    throw error;
  }
}

/** Throws for options that cannot be meant. */
export function checkSaslOptions({ users, mechanisms }: SaslOptions): void {
  for (const name of mechanisms ?? []) {
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(`auth.mechanisms: ${name} is none of ${Object.keys(known).join(", ")}`);
    }
  }
  if (typeof users === "function" || users === undefined) return;
  if (Object.values(users).some((password) => typeof password !== "string")) {
    throw new TypeError("auth.users: a password must be a string");
  }
}

function toWire(data: SaslData): { nil: number; data: Uint8Array } {
  if (data === null) return { nil: 1, data: new Uint8Array(0) };
  if (data.length > REMOTE_AUTH_SASL_DATA_MAX) throw loginFailed();
  return { nil: 0, data };
}
