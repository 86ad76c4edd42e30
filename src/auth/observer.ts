/** A SASL mechanism that will not do, and why. */
export interface RefusedMechanism {
  readonly name: string;
  readonly reason: string;
}

/** Who wants to know what becomes of logging in, while it goes on. No secrets are told. */
export interface AuthenticationObserver {
  /** The kinds of authentication that the daemon offers, what it likes best first, and the one that is taken. */
  types?(offered: readonly string[], chosen: string): void;
  /** The SASL mechanisms that the daemon offers, those that were found not to do, and the one that is taken. */
  mechanisms?(
    offered: readonly string[],
    refused: readonly RefusedMechanism[],
    chosen: string | undefined,
  ): void;
  /** The name that goes with the password, and the file that has it, if it is one. */
  login?(authname: string, file: string | undefined): void;
}
