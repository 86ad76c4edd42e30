import type { Host } from "../host.js";
import { daemonSockets, isSession } from "../sockets.js";
import type { LibvirtUri, SshProxy } from "../uri.js";

/**
 * What is run on the other machine to get from an ssh connection to the daemon's socket, byte by byte as the C client
 * has it: the user's login shell, whichever that is, gets it as a command line, and starts a `sh` for the rest.
 *
 * @throws RangeError for parameters that contradict each other.
 */
export function remoteCommand(uri: LibvirtUri, readonly: boolean, host: Host): string {
  const proxy = chooseProxy(uri, host);
  const helper = `virt-ssh-helper ${readonly ? "-r " : ""}${quoteTwice(uri.nameForHelper)}`;
  if (proxy === "native") return `sh -c '${helper}'`;
  const netcat = netcatCommand(uri, readonly, host);
  if (proxy === "netcat") return `sh -c '${netcat}'`;
  const found = "which virt-ssh-helper 1>/dev/null 2>&1; if test $? = 0; then ";
  return `sh -c '${found}    ${helper}; else    ${netcat}; fi'`;
}

/** The helper finds the user's own daemon and those of single drivers, but nc is on older machines too. */
export function chooseProxy(uri: LibvirtUri, host: Host): SshProxy {
  const { netcat, socket } = uri.options;
  const usual = socket !== undefined ? "netcat" : isSession(uri, host) ? "native" : "auto";
  const { proxy = usual } = uri.options;
  if (netcat === undefined) return proxy;
  if (proxy === "native") {
    const why = uri.options.proxy ? "proxy=native does" : "a session's URI does, unless it has proxy=netcat,";
    throw new RangeError(`netcat= has no use where virt-ssh-helper does its work, as ${why}`);
  }
  return "netcat";
}

/** Some versions of nc stay when their input ends, unless told by -q; others do not know that option. */
function netcatCommand(uri: LibvirtUri, readonly: boolean, host: Host): string {
  const program = quoteTwice(uri.options.netcat ?? "nc");
  const [{ path } = { path: "" }] = daemonSockets(uri, readonly, host);
  // The C client leaves the path to the mercy of two shells and of nc, so that one that needs no mercy looks the same.
  const file = path.startsWith("-") ? `./${path}` : path;
  const socket = quote(file) === file ? file : quoteTwice(file);
  const question = `if ${program} -q 2>&1 | grep "requires an argument" >/dev/null 2>&1`;
  return `${question}; then ARG=-q0;else ARG=;fi;${program} $ARG -U ${socket}`;
}

/** For a place within the single quotes around the script of `sh -c`: they end before it and begin anew behind it. */
function quoteTwice(text: string): string {
  return `'${quote(quote(text))}'`;
}

// What the C client quotes for, and the = of what would be an assignment.
const special = /[\r\n\t !"#$&'()*;<=>?[\\\]^`{|}~]/;

/** One word of a shell's command line, quoted only where it has to be. */
function quote(text: string): string {
  return text === "" || special.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : text;
}
