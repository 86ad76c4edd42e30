import { AuthenticationError, ConnectionError } from "../../errors.js";
import type { LibvirtUri, SshProxy } from "../uri.js";
import { presentableUser } from "../uri-syntax.js";

/** What is to be known of an attempt to say what its failure means. */
export interface SshTarget extends Pick<LibvirtUri, "user" | "port" | "options"> {
  readonly host: string;
  readonly proxy: SshProxy;
}

interface Cause {
  readonly error: typeof AuthenticationError | typeof ConnectionError;
  /** What it means, and what to do. */
  advice(target: SshTarget): string;
}

interface SpokenCause extends Cause {
  /** How the program speaks of it. */
  readonly words: RegExp;
}

/**
 * What ssh's last words mean, whether it did not get through itself or the program that it ran on the far side did not.
 * Undefined where they speak for themselves.
 */
export function sshFailure(
  peer: string,
  target: SshTarget,
  status: number | null,
  words: string,
): AuthenticationError | ConnectionError | undefined {
  const failed = farSideFailure(peer, target, status, words);
  if (failed) return failed;
  const cause = sshCauses.find((candidate) => candidate.words.test(words));
  return cause && explained(peer, cause, target, words);
}

/** What it means how the program on the far side ended, and what it said; undefined where that speaks for itself. */
export function farSideFailure(
  peer: string,
  target: SshTarget,
  status: number | null,
  words: string,
): AuthenticationError | ConnectionError | undefined {
  // A shell's way to say that there is no such program.
  const known = status === 127 ? noProgram : undefined;
  const cause = known ?? farSideCauses.find((candidate) => candidate.words.test(words));
  return cause && explained(peer, cause, target, words);
}

function explained(peer: string, { error, advice }: Cause, target: SshTarget, words: string) {
  return new error(`Cannot connect to ${peer}: ${advice(target)} (${words})`);
}

const netcatPackage = "an nc that knows unix sockets (Debian and Ubuntu: package netcat-openbsd)";

function missingPrograms({ proxy, options }: SshTarget): string {
  if (proxy === "native") {
    return "the far side has no virt-ssh-helper. Install libvirt's daemon there, or use nc by proxy=netcat";
  }
  const nc = options.netcat ?? "nc";
  if (proxy === "netcat") {
    const instead = "or name another by netcat=, or use virt-ssh-helper by proxy=native";
    return `the far side has no program ${JSON.stringify(nc)}. Install ${netcatPackage} there, ${instead}`;
  }
  return (
    "the far side has neither virt-ssh-helper nor nc. Install there libvirt's daemon, with which the helper comes, " +
    `or ${netcatPackage}. Where the helper is there, but not the program \`which\` that looks for it, use proxy=native`
  );
}

const noProgram: Cause = { error: ConnectionError, advice: missingPrograms };

/** virt-ssh-helper and the various kinds of nc, when they cannot connect to the daemon's socket for the reason given. */
function noSocket(reason: string): RegExp {
  return new RegExp(`(cannot connect to '|\\bn(et)?c(at)?\\b\\S*: )[^;]*${reason}`, "i");
}

const farSideCauses: readonly SpokenCause[] = [
  {
    words: noSocket("No such file or directory"),
    error: ConnectionError,
    advice: ({ options }) =>
      `no daemon listens on the far side: its socket does not exist. ${
        options.socket === undefined
          ? "Start libvirtd there, or give its socket by socket=; daemons of single drivers take proxy=native"
          : "Check socket=, or start the daemon that should listen there"
      }`,
  },
  {
    words: noSocket("Permission denied"),
    error: ConnectionError,
    advice: ({ user }) =>
      `${presentableUser(user ?? "the user")} may not use the daemon's socket on the far side. Log in as another user, ` +
      "add this one to the socket's group there (usually libvirt), or use the daemon of the user's own (/session)",
  },
  {
    words: noSocket("Connection refused"),
    error: ConnectionError,
    advice: () =>
      "the daemon's socket is there on the far side, but nothing listens on it any more. Start the daemon again",
  },
  {
    words: /virt-ssh-helper: (cannot parse|unexpected)/,
    error: ConnectionError,
    advice: () =>
      "virt-ssh-helper wants a URI that names a driver, and no transport. Use qemu+ssh: or the like in place of " +
      "remote+ssh:, or mend name=, or use nc by proxy=netcat",
  },
  {
    words: /(invalid|unrecognized|unknown) option.*\bU\b/,
    error: ConnectionError,
    advice: () =>
      `the nc of the far side knows nothing of unix sockets. Install ${netcatPackage}, name another by netcat=, ` +
      "or use virt-ssh-helper by proxy=native",
  },
];

// In this order: a failure on the way, at a jump host, is followed by ssh's complaint that its own connection ended.
const sshCauses: readonly SpokenCause[] = [
  {
    words: /REMOTE HOST IDENTIFICATION HAS CHANGED|[Hh]ost key for .* has changed/,
    error: AuthenticationError,
    advice: (target) =>
      "its host key is not the one in known_hosts: this may be another server than you think. If its key was " +
      `changed, remove the old one by ssh-keygen -R ${knownAs(target)}, and log in once by hand to accept the new one`,
  },
  {
    words: /Host key verification failed|host key is known for/,
    error: AuthenticationError,
    advice: () =>
      "its host key is not known here. Log in once by hand with ssh to check and accept it, or add it to " +
      "known_hosts. With no_verify=1 any key would do",
  },
  {
    words: /Permission denied \(|Too many authentication failures|No supported authentication methods/,
    error: AuthenticationError,
    advice: ({ user, options }) =>
      `it does not let ${presentableUser(user ?? "this user")} in. Check the user's name, and offer a key that the server accepts: ` +
      (options.keyfile === undefined ? "by keyfile=, " : "another by keyfile= (readable for you alone), ") +
      "ssh's configuration or an agent, which a key with a passphrase needs where there is no terminal to ask on",
  },
  {
    words: /Could not resolve hostname/,
    error: ConnectionError,
    advice: () =>
      "no such host, as far as can be found out. Check its name, the network, and ssh's configuration",
  },
  {
    words: /hostname contains invalid characters/,
    error: ConnectionError,
    advice: ({ host }) => `no host has a name like ${JSON.stringify(host)}. Check the URI`,
  },
  {
    words: /connect to (host|address) .*Connection refused/,
    error: ConnectionError,
    advice: () => "nothing listens there. Start sshd, or check the host and its port",
  },
  {
    words: /connect to (host|address) .*(timed out|No route to host|Network is unreachable)/,
    error: ConnectionError,
    advice: () => "there is no way to that host. Check the address, the network, and firewalls on the way",
  },
  {
    words: /kex_exchange_identification|banner exchange|Connection (closed|reset) by \S+ port \d+/,
    error: ConnectionError,
    advice: () =>
      "what listens there ended the connection before any login. It may be no SSH server, have too many clients " +
      "(MaxStartups), or accept none from here",
  },
];

/** How known_hosts has a host. */
function knownAs({ host, port }: SshTarget): string {
  return port === undefined ? host : `'[${host}]:${port}'`;
}
