import { joinQuery, joinUri, quoteUri, splitQuery, splitUri, type UriParts } from "./uri-syntax.js";

const transports = ["unix", "tcp", "tls", "ssh", "libssh2", "libssh", "ext"] as const;
const modes = ["auto", "direct", "legacy"] as const;
const proxies = ["auto", "native", "netcat"] as const;
const hostKeyChecks = ["normal", "auto", "ignore"] as const;
const sshMethods = ["agent", "privkey", "password", "keyboard-interactive"] as const;

/** How the bytes travel to the daemon: what follows the `+` of a URI's scheme. */
export type TransportName = (typeof transports)[number];
/** Which daemon's socket: the driver's own (direct), libvirtd's (legacy), or whichever there is. */
export type SocketMode = (typeof modes)[number];
/** Who joins an ssh connection to the daemon's socket: virt-ssh-helper (native) or nc. */
export type SshProxy = (typeof proxies)[number];
/** What an unknown ssh host key means: an error, a key to remember, or nothing. */
export type HostKeyCheck = (typeof hostKeyChecks)[number];
/** A way to log in by ssh. */
export type SshMethod = (typeof sshMethods)[number];

/** The parameters that the client itself acts on; the daemon never sees them. */
export interface UriOptions {
  readonly name?: string;
  readonly command?: string;
  readonly socket?: string;
  readonly netcat?: string;
  readonly keyfile?: string;
  readonly knownHosts?: string;
  readonly knownHostsVerify?: HostKeyCheck;
  readonly sshauth?: readonly SshMethod[];
  readonly noVerify?: boolean;
  readonly noTty?: boolean;
  readonly noSanity?: boolean;
  readonly pkipath?: string;
  readonly tlsPriority?: string;
  readonly mode?: SocketMode;
  readonly proxy?: SshProxy;
  /** `sasl`, `sasl.MECHANISM` or `polkit`. */
  readonly auth?: string;
  readonly authfile?: string;
}

/** A libvirt URI, taken apart by the C client's rules. */
export interface LibvirtUri {
  /** The whole URI as libvirt prints it. Empty where the daemon is to choose the hypervisor. */
  readonly text: string;
  /** The scheme less the transport, such as `qemu`; undefined where the daemon is to choose. */
  readonly driver: string | undefined;
  readonly transport: TransportName;
  readonly user: string | undefined;
  /** Undefined means this machine. */
  readonly host: string | undefined;
  /** Undefined means the transport's own. */
  readonly port: number | undefined;
  readonly path: string;
  readonly fragment: string | undefined;
  readonly options: UriOptions;
  /** The parameters that the client does not know, in their order: they travel on within `nameForDaemon`. */
  readonly passedOn: readonly (readonly [name: string, value: string])[];
  /** What the daemon is asked to open. Empty lets it choose. */
  readonly nameForDaemon: string;
  /** What virt-ssh-helper is told: as above, but `mode` and `socket` are its business too. */
  readonly nameForHelper: string;
}

/** Reads a parameter's value, or throws a RangeError that names the parameter. */
type Reader<T> = (value: string, name: string) => T;

const readers: Readonly<Record<string, { key: keyof UriOptions; read: Reader<unknown> }>> = {
  name: { key: "name", read: String },
  command: { key: "command", read: notEmpty },
  socket: { key: "socket", read: notEmpty },
  netcat: { key: "netcat", read: String },
  keyfile: { key: "keyfile", read: String },
  known_hosts: { key: "knownHosts", read: String },
  known_hosts_verify: {
    key: "knownHostsVerify",
    read: (value, name) => oneOf(hostKeyChecks, value.toLowerCase(), name),
  },
  sshauth: {
    key: "sshauth",
    read: (value, name) =>
      value
        .toLowerCase()
        .split(",")
        .map((method) => oneOf(sshMethods, method, name)),
  },
  no_verify: { key: "noVerify", read: flag },
  no_tty: { key: "noTty", read: flag },
  no_sanity: { key: "noSanity", read: flag },
  pkipath: { key: "pkipath", read: String },
  tls_priority: { key: "tlsPriority", read: String },
  mode: { key: "mode", read: socketMode },
  proxy: { key: "proxy", read: sshProxy },
  auth: { key: "auth", read: authentication },
  authfile: { key: "authfile", read: String },
};

/** The names of all parameters that the client itself acts on. */
export const uriParameters: readonly string[] = Object.keys(readers);

/** A `mode`, from a URI or from libvirt.conf. */
export function socketMode(value: string, name: string): SocketMode {
  return oneOf(modes, value, name);
}

/** A `proxy`, from a URI or from libvirt.conf. */
export function sshProxy(value: string, name: string): SshProxy {
  return oneOf(proxies, value, name);
}

/**
 * Takes a URI apart. The empty URI is the one that leaves the choice of the hypervisor to the local daemon.
 *
 * @throws TypeError for what is no URI; RangeError for a part that cannot be, such as `mode=turbo`, naming it.
 */
export function parseUri(text: string): LibvirtUri {
  if (text === "") return daemonsChoice;
  const uri = splitUri(text);
  const [driver, transport] = splitScheme(uri, text);
  checkSlashes(uri, text);

  const options: { -readonly [K in keyof UriOptions]: unknown } = {};
  const passedOn: [string, string][] = [];
  const forHelper: [string, string][] = [];
  for (const [name, value] of splitQuery(uri.query, text)) {
    const known = name.toLowerCase();
    const reader = Object.hasOwn(readers, known) ? readers[known] : undefined;
    if (reader) options[reader.key] = reader.read(value, known);
    else passedOn.push([name, value]);
    if (!reader || known === "mode" || known === "socket") forHelper.push([name, value]);
  }
  const { name, command } = options as UriOptions;
  if (transport === "ext" && command === undefined) {
    throw new RangeError(`The ext transport needs a command= to run: ${quoteUri(text)}`);
  }

  const remoteName = (query: [string, string][]) =>
    name ??
    (driver === "remote"
      ? ""
      : joinUri({
          ...uri,
          scheme: driver,
          user: undefined,
          host: undefined,
          port: undefined,
          query: joinQuery(query),
        }));
  return {
    text: joinUri(uri),
    driver,
    transport,
    user: uri.user,
    host: uri.host,
    port: uri.port,
    path: uri.path,
    fragment: uri.fragment,
    options: options as UriOptions,
    passedOn,
    nameForDaemon: remoteName(passedOn),
    nameForHelper: remoteName(forHelper),
  };
}

const daemonsChoice: LibvirtUri = {
  text: "",
  driver: undefined,
  transport: "unix",
  user: undefined,
  host: undefined,
  port: undefined,
  path: "",
  fragment: undefined,
  options: {},
  passedOn: [],
  nameForDaemon: "",
  nameForHelper: "",
};

function splitScheme({ scheme, host }: UriParts, text: string): [driver: string, transport: TransportName] {
  const plus = scheme.indexOf("+");
  if (plus < 0) return [scheme, host === undefined ? "unix" : "tls"];
  const transport = scheme.slice(plus + 1).toLowerCase();
  if (!isOneOf(transports, transport)) {
    throw new RangeError(
      `There is no transport "${transport}", only ${transports.join(", ")}: ${quoteUri(text)}`,
    );
  }
  if (transport === "unix" && host !== undefined) {
    throw new RangeError(`A unix socket is on this machine, so its URI has no host: ${quoteUri(text)}`);
  }
  return [scheme.slice(0, plus), transport];
}

/** `qemu://system` would look for a host named "system", which nobody means. */
function checkSlashes({ scheme, host }: UriParts, text: string): void {
  if (["qemu", "vbox", "vz"].includes(scheme) && (host === "system" || host === "session")) {
    throw new RangeError(`A slash is missing in ${quoteUri(text)}: ${scheme}:///${host} is probably meant`);
  }
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

function oneOf<T extends string>(values: readonly T[], value: string, name: string): T {
  if (isOneOf(values, value)) return value;
  throw new RangeError(`${name} is one of ${values.join(", ")}, not ${JSON.stringify(value)}`);
}

function notEmpty(value: string, name: string): string {
  if (value === "")
    throw new RangeError(`${name} is the path of a ${name === "socket" ? name : "program"}, not ""`);
  return value;
}

/** A number in C's decimal notation; any but 0 means yes. */
function flag(value: string, name: string): boolean {
  if (!/^\s*[+-]?\d{1,9}$/.test(value)) {
    throw new RangeError(`${name} is 0 or 1, not ${JSON.stringify(value)}`);
  }
  return Number(value) !== 0;
}

function authentication(value: string, name: string): string {
  if (!/^(sasl(\..+)?|polkit)$/i.test(value)) {
    throw new RangeError(`${name} is sasl, sasl.MECHANISM or polkit, not ${JSON.stringify(value)}`);
  }
  return value;
}
