import { expect, test } from "vitest";
import { checkSshOptions, type SshOptions } from "../../../../src/transport/ssh/options.js";

const secret = "geheim";

test.each([
  undefined,
  {},
  { privateKey: secret, passphrase: "", knownHosts: new Uint8Array() },
  { privateKey: Buffer.from(secret), hostKey: `SHA256:${"x".repeat(43)}` },
] as const)("ssh may be %o", (options) => {
  expect(() => checkSshOptions(options)).not.toThrow();
});

test.each([
  [TypeError, "ssh: an object is wanted", secret],
  [TypeError, "ssh: an object is wanted", null],
  [
    TypeError,
    "ssh.privateKey: the text or the bytes of a file are wanted, not object",
    { privateKey: [secret] },
  ],
  [TypeError, "ssh.knownHosts: the text or the bytes of a file are wanted, not number", { knownHosts: 1 }],
  [TypeError, "ssh.passphrase: a string is wanted, not object", { passphrase: Buffer.from(secret) }],
  [TypeError, "ssh.hostKey: a string is wanted, not object", { hostKey: {} }],
  [RangeError, "ssh.hostKey: a fingerprint is wanted, SHA256: and 43 characters", { hostKey: secret }],
  [RangeError, "ssh.hostKey: a fingerprint is wanted, SHA256: and 43 characters", { hostKey: "MD5:aa:bb" }],
] as const)("%o, saying %s", (type, message, options) => {
  const check = () => checkSshOptions(options as unknown as SshOptions);
  expect(check).toThrow(type);
  expect(check).toThrow(message);
  expect(check).not.toThrow(secret);
});
