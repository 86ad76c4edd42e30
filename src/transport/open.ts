import { UnsupportedError } from "../errors.js";
import { type Host, thisHost } from "./host.js";
import type { ConnectOptions } from "./socket.js";
import { daemonSockets } from "./sockets.js";
import type { SshAnswers } from "./ssh/answers.js";
import type { SshOptions } from "./ssh/options.js";
import { connectTcp, defaultTcpPort } from "./tcp.js";
import type { TlsOptions } from "./tls/credentials.js";
import type { Transport } from "./transport.js";
import { connectUnix } from "./unix.js";
import type { LibvirtUri } from "./uri.js";

export interface OpenOptions extends ConnectOptions {
  /** Whether the daemon's read-only socket will do. */
  readonly readonly?: boolean | undefined;
  /** For TLS: what to use in place of libvirt's files. */
  readonly tls?: TlsOptions | undefined;
  /** For libssh2 and libssh: what to use in place of the user's files. */
  readonly ssh?: SshOptions | undefined;
  /** For the same: who knows passwords, and whom to trust. */
  readonly answers?: SshAnswers | undefined;
  readonly host?: Host;
}

// Behind these the C library speaks the hypervisor's own protocol, with no daemon involved.
const daemonless = ["esx", "gsx", "vpx", "hyperv", "vmwareplayer", "vmwarews", "vmwarefusion"];

/** Connects to the daemon that a URI means. */
export async function openTransport(
  uri: LibvirtUri,
  { readonly = false, signal, observer, tls, ssh, answers, host = thisHost() }: OpenOptions = {},
): Promise<Transport> {
  signal?.throwIfAborted();
  checkReachable(uri);
  const options = { signal, observer };
  switch (uri.transport) {
    case "unix":
      return connectUnix(daemonSockets(uri, readonly, host), host, { ...options, autostart: true });
    case "tcp":
      return connectTcp(uri.host ?? "localhost", uri.port ?? defaultTcpPort, options);
    case "tls": {
      // Loaded when it is wanted, as is whatever most connections can do without.
      const { connectTls, defaultTlsPort } = await import("./tls.js");
      return connectTls(uri.host ?? "localhost", uri.port ?? defaultTlsPort, host, {
        ...options,
        tls,
        uri: uri.options,
      });
    }
    case "ext": {
      const { connectExternal } = await import("./ext.js");
      // parseUri lets no such URI pass without a command.
      return connectExternal(uri.options.command ?? "", options);
    }
    case "ssh": {
      const { connectSsh } = await import("./ssh.js");
      return connectSsh(uri, readonly, host, options);
    }
    case "libssh2":
    case "libssh": {
      const { connectSsh2 } = await import("./ssh2.js");
      return connectSsh2(uri, host, { ...options, readonly, ssh, answers });
    }
  }
}

function checkReachable(uri: LibvirtUri): void {
  const [scheme = ""] = uri.text.split(":", 1);
  if (daemonless.includes(scheme)) {
    throw new UnsupportedError(
      `${scheme} has no libvirt daemon to talk to. Where one is to talk to it instead, use ${scheme}+tcp://HOST/`,
    );
  }
  if (uri.path === "/embed") {
    throw new UnsupportedError(
      "/embed loads the hypervisor driver into the C library; give the URI of a daemon",
    );
  }
}
