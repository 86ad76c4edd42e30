import { type Config, loadConfig } from "../../transport/config.js";
import type { Host } from "../../transport/host.js";
import { aliasedUri, readUri, wantedUri } from "../../transport/resolve.js";
import type { LibvirtUri } from "../../transport/uri.js";
import { suspicion, suspiciousParameters } from "../../transport/uri-suspects.js";
import { presentableUser } from "../../transport/uri-syntax.js";
import type { Notes } from "./diagnosis.js";
import type { Detail } from "./steps.js";

/** libvirt.conf. */
export async function readConfiguration(host: Host, { details }: Notes): Promise<Config> {
  const config = await loadConfig(host);
  details["file"] = config.file;
  details["found"] = config.found;
  details["settings"] = config.keys;
  return config;
}

/** Where the URI is from, whether it is an alias, and what its parts mean. */
export function findUri(given: string | undefined, config: Config, host: Host, notes: Notes): LibvirtUri {
  const { details } = notes;
  const { text, source } = wantedUri(given, config, host);
  details["source"] = source;
  const meant = aliasedUri(config, text);
  if (meant) details["alias"] = text;
  const uri = readUri(meant || text, config);
  details["uri"] = uri.text;
  if (uri.driver !== undefined) details["driver"] = uri.driver;
  details["transport"] = uri.transport;
  if (uri.user !== undefined) details["user"] = presentableUser(uri.user);
  if (uri.host !== undefined) details["host"] = uri.host;
  if (uri.port !== undefined) details["port"] = uri.port;
  if (uri.user?.includes(":")) {
    notes.warn(
      "libvirt's URIs hold no passwords: what comes before the @ is a user's name as a whole",
      "Take the password out of the URI. For SASL it goes into an auth.conf, for ssh use keys",
    );
  }
  return uri;
}

/** The parameters that the client acts on, with those of libvirt.conf, and those that only the daemon may know. */
export function checkParameters(uri: LibvirtUri, notes: Notes): void {
  const options = Object.entries(uri.options);
  if (options.length === 0 && uri.passedOn.length === 0) {
    notes.skip("the URI has none");
    return;
  }
  if (options.length > 0) notes.details["known"] = Object.fromEntries(options) as Record<string, Detail>;
  if (uri.passedOn.length > 0) notes.details["passedOn"] = uri.passedOn.map(([name]) => name);
  const suspects = suspiciousParameters(uri);
  if (suspects.length > 0) notes.warn(suspects.map(suspicion).join(" "));
}
