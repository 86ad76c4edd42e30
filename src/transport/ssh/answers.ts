import type { ConnectCredentialType } from "../../generated/constants.js";

/** Something that logging in to a server takes and that nobody has said yet. */
export interface SshQuestion {
  readonly type: ConnectCredentialType;
  /** The question, for people. */
  readonly prompt: string;
  /** For a host key its fingerprint, so that programs can decide as well. */
  readonly challenge: string | null;
}

/** Where passwords and decisions come from. Whoever connects knows; a transport does not. */
export interface SshAnswers {
  /** The user's password, if it is known without asking. */
  password(user: string): Promise<string | undefined>;
  /** Asks people, or what stands in for them, who leave unanswered what is null. Undefined where there is nobody. */
  readonly ask: ((questions: readonly SshQuestion[]) => Promise<(string | null)[]>) | undefined;
}
