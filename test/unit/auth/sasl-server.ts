import { type CredentialSources, Credentials } from "../../../src/auth/credentials.js";

/** Credentials from the caller alone. */
export function knowing(auth: CredentialSources["auth"], more: Partial<CredentialSources> = {}): Credentials {
  return new Credentials({ auth, stored: undefined, hostname: "host", signal: undefined, ...more });
}
