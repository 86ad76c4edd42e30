import { ConnectionError } from "../errors.js";
import { type Config, loadConfig } from "./config.js";
import { type Host, thisHost } from "./host.js";
import { type LibvirtUri, parseUri, socketMode, sshProxy, type UriOptions } from "./uri.js";

export interface ResolveOptions {
  /** False takes the URI literally, as VIR_CONNECT_NO_ALIASES does. */
  readonly aliases?: boolean | undefined;
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
  const { text } = wantedUri(uri, config, host);
  return readUri((aliases && aliasedUri(config, text)) || text, config);
}

/** A URI, or an alias of one, and who wants it: `none` leaves the choice to the daemon. */
export interface WantedUri {
  readonly text: string;
  readonly source: "argument" | "LIBVIRT_DEFAULT_URI" | "uri_default" | "none";
}

/** What stands in for a URI that the caller did not give. */
export function wantedUri(uri: string | undefined, config: Config, { env }: Host): WantedUri {
  if (uri) return { text: spelledOut(uri), source: "argument" };
  if (env.LIBVIRT_DEFAULT_URI) return { text: env.LIBVIRT_DEFAULT_URI, source: "LIBVIRT_DEFAULT_URI" };
  const text = config.string("uri_default");
  return text ? { text, source: "uri_default" } : { text: "", source: "none" };
}

/** Takes a URI apart, and has the configuration say what it leaves open. */
export function readUri(text: string, config: Config): LibvirtUri {
  const parsed = parseUri(text);
  return { ...parsed, options: { ...configuredOptions(config), ...parsed.options } };
}

/** Xen was once reached by these, and still is. */
function spelledOut(uri: string): string {
  return uri.toLowerCase() === "xen" || uri === "xen://" ? "xen:///system" : uri;
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
