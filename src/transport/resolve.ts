import { ConnectionError } from "../errors.js";
import { type Config, loadConfig } from "./config.js";
import { type Host, thisHost } from "./host.js";
import { type LibvirtUri, parseUri, socketMode, sshProxy, type UriOptions } from "./uri.js";

export interface ResolveOptions {
  /** False takes the URI literally, as VIR_CONNECT_NO_ALIASES does. */
  readonly aliases?: boolean;
  readonly host?: Host;
}

/**
 * From what the caller gave, which may be nothing or an alias, to the URI that is meant, by the C client's rules:
 * LIBVIRT_DEFAULT_URI and libvirt.conf's `uri_default` stand in for a missing one, `uri_aliases` are replaced, and
 * the file's other settings serve where the URI says nothing. If nobody names a URI the local daemon chooses.
 */
export async function resolveUri(
  uri: string | undefined,
  { aliases = true, host = thisHost() }: ResolveOptions = {},
): Promise<LibvirtUri> {
  if (uri !== undefined && typeof uri !== "string") throw new TypeError("The URI has to be a string");
  const config = await loadConfig(host);
  const wanted = spelledOut(uri) || host.env.LIBVIRT_DEFAULT_URI || config.string("uri_default") || "";
  const parsed = parseUri((aliases && aliasedUri(config, wanted)) || wanted);
  return { ...parsed, options: { ...configuredOptions(config), ...parsed.options } };
}

/** Xen was once reached by these, and still is. */
function spelledOut(uri: string | undefined): string | undefined {
  return uri?.toLowerCase() === "xen" || uri === "xen://" ? "xen:///system" : uri;
}

/** The URI that `uri_aliases` has for an alias. */
export function aliasedUri(config: Config, alias: string): string | undefined {
  for (const entry of config.strings("uri_aliases")) {
    const [, name, uri] = /^([A-Za-z0-9_-]*)=(.*)$/s.exec(entry) ?? [];
    if (name === undefined) {
      throw new ConnectionError(
        `${config.file}: an entry of uri_aliases is not NAME=URI with a NAME of letters, digits, _ and -`,
      );
    }
    if (name === alias) return uri;
  }
  return undefined;
}

function configuredOptions(config: Config): UriOptions {
  const mode = config.string("remote_mode");
  const proxy = config.string("remote_proxy");
  const tlsPriority = config.string("tls_priority");
  try {
    return {
      ...(mode !== undefined && { mode: socketMode(mode, "remote_mode") }),
      ...(proxy !== undefined && { proxy: sshProxy(proxy, "remote_proxy") }),
      ...(tlsPriority !== undefined && { tlsPriority }),
    };
  } catch (cause) {
    throw new ConnectionError(`${config.file}: ${(cause as Error).message}`, { cause });
  }
}
