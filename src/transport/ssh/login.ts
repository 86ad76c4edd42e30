import type { AnyAuthMethod, Prompt } from "ssh2";
import { AuthenticationError } from "../../errors.js";
import { ConnectCredentialType } from "../../generated/constants.js";
import type { Host } from "../host.js";
import type { SshMethod, UriOptions } from "../uri.js";
import { presentableUser } from "../uri-syntax.js";
import { type Agent, openAgent } from "./agent.js";
import type { SshAnswers } from "./answers.js";
import { fingerprint } from "./known-hosts.js";
import type { SshOptions } from "./options.js";
import type { Ssh2 } from "./package.js";
import { findPrivateKey, readPrivateKey } from "./private-key.js";

export interface LoginOptions {
  readonly ssh2: Ssh2;
  /** The server, for messages. */
  readonly server: string;
  readonly user: string;
  readonly uri: Pick<UriOptions, "keyfile" | "sshauth">;
  readonly ssh: Pick<SshOptions, "privateKey" | "passphrase">;
  readonly answers: SshAnswers;
  readonly machine: Host;
}

/** What the server makes of an attempt that did not get us in. */
export interface Refusal {
  /** The methods that it takes, by their names in the protocol. */
  readonly offered: readonly string[];
  /** The attempt was right, but more is wanted. */
  readonly partial: boolean;
}

/** One method: yields attempts and is resumed with the refusal of each. It returns what came of it, for the error. */
type Attempts<Result> = AsyncGenerator<AnyAuthMethod, Result, Refusal>;

const usualMethods: readonly SshMethod[] = ["agent", "privkey", "password", "keyboard-interactive"];

/** How often a question is asked again after a wrong answer. */
const mostTries = 3;

const nobodyToAsk = "nobody can be asked. Give connect() the option auth";

/** Logs in by all methods in turn, as far as the server takes them. */
export class Login {
  readonly #options: LoginOptions;
  readonly #attempts: Attempts<void>;
  readonly #agent: Agent | undefined;
  readonly #reasons: string[] = [];
  #offered: readonly string[] = [];
  #agentFailure: string | undefined;
  #method: string = "none";

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#attempts = this.#all();
    const path = options.machine.env.SSH_AUTH_SOCK;
    this.#agent = path ? openAgent(options.ssh2, path) : undefined;
  }

  /**
   * What to try next, with what came of the last attempt; undefined where nothing is left.
   *
   * Rejects with what went wrong where somebody was asked.
   */
  async next(refusal: Refusal): Promise<AnyAuthMethod | undefined> {
    const { done, value } = await this.#attempts.next(refusal);
    return done ? undefined : value;
  }

  /** How the last attempt was made: once we are in, what has let us in. */
  get method(): string {
    return this.#method;
  }

  /** To be told of what goes wrong with the agent: the package goes on without it. */
  agentFailed(error: Error): void {
    this.#agentFailure = error.message;
  }

  /** Lets go of the agent. */
  close(): void {
    this.#agent?.close();
  }

  /** Why we could not log in. `more` is what the server said in the end. */
  failure(more?: string): AuthenticationError {
    const { server } = this.#options;
    const list = this.#offered.length > 0 ? `, which takes ${this.#offered.join(", ")}` : "";
    const reasons = more === undefined ? this.#reasons : [...this.#reasons, more];
    return new AuthenticationError(
      `Cannot log in as ${this.#shownUser} to ${server}${list}: ${reasons.join("; ")}`,
    );
  }

  get #shownUser(): string {
    return presentableUser(this.#options.user);
  }

  async *#all(): Attempts<void> {
    const username = this.#options.user;
    // By this the server is asked for its methods, and some let in whoever comes.
    let { offered } = yield* this.#try({ type: "none", username });
    const methods = this.#options.uri.sshauth ?? usualMethods;
    for (const method of methods) {
      this.#method = method;
      const named = method === "agent" || method === "privkey" ? "publickey" : method;
      const reason = offered.includes(named) ? yield* this.#by(method) : "the server does not take it";
      this.#reasons.push(`${method}: ${reason}`);
      offered = this.#offered;
    }
  }

  async *#try(attempt: AnyAuthMethod): Attempts<Refusal> {
    const refusal = yield attempt;
    this.#offered = refusal.offered;
    return refusal;
  }

  #by(method: SshMethod): Attempts<string> {
    switch (method) {
      case "agent":
        return this.#byAgent();
      case "privkey":
        return this.#byPrivateKey();
      case "password":
        return this.#byPassword();
      case "keyboard-interactive":
        return this.#byQuestions();
    }
  }

  async *#byAgent(): Attempts<string> {
    const agent = this.#agent;
    if (!agent) return "there is none, as SSH_AUTH_SOCK is not set";
    const { partial } = yield* this.#try({ type: "agent", username: this.#options.user, agent });
    if (partial) return partly;
    if (this.#agentFailure !== undefined) return `it failed: ${this.#agentFailure}`;
    return agent.keys === 0 ? "it has no keys" : `the server refused its keys, ${agent.keys} in all`;
  }

  async *#byPrivateKey(): Attempts<string> {
    const { ssh2, uri, ssh, machine, user } = this.#options;
    const stored = await findPrivateKey(ssh.privateKey, uri.keyfile, machine);
    if (typeof stored === "string") return stored;
    const key = await readPrivateKey(ssh2, stored, () => this.#passphrase(stored.source));
    if (typeof key === "string") return key;
    const which = `${stored.source} (${fingerprint(key.getPublicSSH())})`;
    this.#method = `privkey: ${which}`;
    const { partial } = yield* this.#try({ type: "publickey", username: user, key });
    if (partial) return partly;
    return `the server refused the key in ${which}. Its public half has to be in ${this.#shownUser}'s authorized_keys there`;
  }

  async *#byPassword(): Attempts<string> {
    const { answers, user, server } = this.#options;
    const username = user;
    const known = await answers.password(user);
    if (known === undefined && !answers.ask) {
      return `there is none. Give connect() the option auth, for ${this.#shownUser}, or put it into an auth.conf under ssh`;
    }
    if (known !== undefined) {
      const { partial } = yield* this.#try({ type: "password", username, password: known });
      if (partial) return partly;
    }
    let last = known;
    for (let tries = 0; answers.ask && tries < mostTries; tries++) {
      const password = await this.#secret(`Password of ${this.#shownUser} for ${server}`);
      if (password === null) return "nobody gave one";
      // A program answers the same again, and too many attempts may lock it out.
      if (password === last) break;
      last = password;
      const { partial } = yield* this.#try({ type: "password", username, password });
      if (partial) return partly;
    }
    return "the server refused it";
  }

  async *#byQuestions(): Attempts<string> {
    const { answers, user: username } = this.#options;
    const password = await answers.password(username);
    if (password === undefined && !answers.ask) return nobodyToAsk;
    for (let tries = 0; tries < (answers.ask ? mostTries : 1); tries++) {
      let rounds = 0;
      let lack: string | undefined;
      let failure: { readonly error: unknown } | undefined;
      const { partial } = yield* this.#try({
        type: "keyboard-interactive",
        username,
        prompt: (name, instructions, _language, prompts, finish) => {
          // As many as there are questions, or the server takes it amiss and ends the connection.
          const nothing = prompts.map(() => "");
          const stored = tries === 0 && rounds++ === 0 ? password : undefined;
          this.#answer([name, instructions], prompts, stored).then(
            (given) => {
              if (typeof given === "string") lack = given;
              finish(typeof given === "string" ? nothing : given);
            },
            (error: unknown) => {
              failure = { error };
              finish(nothing);
            },
          );
        },
      });
      if (failure) throw failure.error;
      if (partial) return partly;
      if (lack !== undefined) return lack;
    }
    return "the server refused the answers";
  }

  /** The answers, or why there are none. Where the only question is a hidden one, a password is meant. */
  async #answer(
    heading: readonly string[],
    prompts: readonly Prompt[],
    password: string | undefined,
  ): Promise<string[] | string> {
    const { ask } = this.#options.answers;
    if (password !== undefined && prompts.length === 1 && !prompts[0]?.echo) return [password];
    const questions = prompts.map(({ prompt, echo }) => ({
      type: echo ? ConnectCredentialType.ECHOPROMPT : ConnectCredentialType.NOECHOPROMPT,
      prompt: [...heading, prompt.replace(/[ :]+$/, "")].filter((line) => line !== "").join("\n"),
      challenge: null,
    }));
    if (!ask) {
      const wanted = questions.map(({ prompt }) => JSON.stringify(prompt)).join(", ");
      return `it asks for ${wanted}, and ${nobodyToAsk}`;
    }
    const given = await ask(questions);
    const answers = given.filter((one) => one !== null);
    return answers.length === given.length ? answers : "nobody gave an answer";
  }

  async #passphrase(source: string): Promise<string | null> {
    return this.#options.ssh.passphrase ?? this.#secret(`Passphrase of the key in ${source}`);
  }

  async #secret(prompt: string): Promise<string | null> {
    const question = { type: ConnectCredentialType.PASSPHRASE, prompt, challenge: null };
    return (await this.#options.answers.ask?.([question]))?.[0] ?? null;
  }
}

const partly = "right, but more is wanted";
