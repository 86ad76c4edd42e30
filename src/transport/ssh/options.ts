/**
 * What ssh connections by the package ssh2 (`+libssh2`, `+libssh`) are made with, where there is no home directory to
 * find it in.
 */
export interface SshOptions {
  /** Our private key, as the text or the bytes of its file, in place of the URI's `keyfile`. */
  readonly privateKey?: string | Uint8Array | undefined;
  /** What the private key is encrypted with, whether it is given here or by a file. */
  readonly passphrase?: string | undefined;
  /** The servers' keys, as the text or the bytes of a known_hosts file, in place of the URI's `known_hosts`. */
  readonly knownHosts?: string | Uint8Array | undefined;
  /** The fingerprint of the server's key (`SHA256:…`, as `ssh-keygen -l` prints): no other key will do then. */
  readonly hostKey?: string | undefined;
}

/** Throws a TypeError or a RangeError for options that cannot be, without a word of what is in them. */
export function checkSshOptions(options: SshOptions | undefined): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) throw new TypeError("ssh: an object is wanted");
  for (const name of ["privateKey", "knownHosts"] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== "string" && !(value instanceof Uint8Array)) {
      throw new TypeError(`ssh.${name}: the text or the bytes of a file are wanted, not ${typeof value}`);
    }
  }
  for (const name of ["passphrase", "hostKey"] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== "string") {
      throw new TypeError(`ssh.${name}: a string is wanted, not ${typeof value}`);
    }
  }
  if (options.hostKey !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}$/.test(options.hostKey)) {
    throw new RangeError("ssh.hostKey: a fingerprint is wanted, SHA256: and 43 characters");
  }
}
