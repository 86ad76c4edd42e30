import { UnsupportedError } from "virtwire";

/** Where the program runs, and what it finds there. */
export interface Scene {
  /** The release of the daemons, such as `9.0`. */
  readonly libvirt: string;
  /** A folder that has the same name for the daemons. */
  readonly directory: string;
  /** How to run a program as this one is run, without the program. */
  readonly runtime: readonly string[];
  /** URIs by what leads to the daemon. */
  readonly uris: Uris;
  /** The socket that those of QEMU lead to by `unix`. */
  readonly socket: string;
  /** A folder of certificates that the daemon takes and is known by, and one of somebody who does not know it. */
  readonly pki: string;
  readonly otherPki: string;
  /** The name and password that SASL knows. */
  readonly account: { readonly username: string; readonly password: string };
}

export interface Uris {
  readonly unix: string;
  readonly readonly: string;
  readonly tcp: string;
  readonly tls: string;
  readonly ssh: string;
  readonly libssh2: string;
  readonly ext: string;
  readonly saslUnix: string;
  readonly saslTcp: string;
  readonly admin: string;
  /** libvirt's test driver, where the daemon has it. */
  readonly test: string | null;
}

export interface Check {
  readonly name: string;
  /** The release that brought what is checked. An older daemon's user has to be told of it. */
  readonly since?: string;
  /** Why this runtime cannot. Its user has to be told that it cannot. */
  readonly runtimeLacks?: string | undefined;
  /** A release whose daemon does not outlive this, whoever the client is, and what happens to it. */
  readonly fatal?: { readonly libvirt: string; readonly reason: string };
  /** It takes libvirt's test driver. */
  readonly testDriver?: true;
  run(scene: Scene): Promise<void>;
}

export interface Outcome {
  readonly name: string;
  readonly outcome: "ok" | "unsupported" | "failed";
  /** Why it is unsupported, or what went wrong. */
  readonly reason?: string;
}

const limitMs = 30_000;

export async function outcomeOf(check: Check, scene: Scene): Promise<Outcome> {
  const { name } = check;
  if (check.testDriver && scene.uris.test === null) {
    return { name, outcome: "unsupported", reason: "only libvirtd has libvirt's test driver" };
  }
  if (check.fatal?.libvirt === scene.libvirt) {
    return { name, outcome: "unsupported", reason: check.fatal.reason };
  }
  const reason = expectedReason(check, scene);
  try {
    await withinLimit(check.run(scene));
  } catch (error) {
    const isRight =
      reason !== undefined && error instanceof UnsupportedError && error.message.includes(reason);
    if (isRight) return { name, outcome: "unsupported", reason };
    return {
      name,
      outcome: "failed",
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  if (reason !== undefined) return { name, outcome: "failed", reason: `it can, against "${reason}"` };
  return { name, outcome: "ok" };
}

/** What the error must say, if there has to be one. */
function expectedReason({ since, runtimeLacks }: Check, { libvirt }: Scene): string | undefined {
  if (runtimeLacks !== undefined) return runtimeLacks;
  if (since === undefined || !isBefore(libvirt, since)) return undefined;
  return `that takes libvirt ${since}.0 or newer`;
}

function isBefore(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

async function withinLimit(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs: no end within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
