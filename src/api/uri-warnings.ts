import type { LibvirtUri } from "../transport/uri.js";
import { suspicion, suspiciousParameters } from "../transport/uri-suspects.js";

/** What has been warned of: a program may connect by the same URI again and again. */
const told = new Set<string>();

/** Warns, once in this process, of each parameter that looks like a misspelt one. */
export function warnOfSuspects(uri: LibvirtUri): void {
  for (const suspect of suspiciousParameters(uri)) {
    if (told.has(suspect.name)) continue;
    told.add(suspect.name);
    process.emitWarning(suspicion(suspect), { code: "VIRTWIRE_URI_PARAMETER" });
  }
}
