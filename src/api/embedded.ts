import { UnsupportedError } from "../errors.js";
import type { Transport } from "../transport/transport.js";
import type { LibvirtUri } from "../transport/uri.js";

/**
 * Whether a URI means the hypervisor that is part of this package. As in C, `test:///default` is within the program;
 * `test+unix:///default`, or a host, is the test driver of a daemon.
 */
export function isEmbedded({ text, host }: LibvirtUri): boolean {
  return host === undefined && /^test:/i.test(text);
}

/** A pipe to that hypervisor, which is loaded only here, or to one that a test has created. */
export async function openEmbedded({ nameForDaemon, passedOn }: LibvirtUri): Promise<Transport> {
  const { openRegistered, parameter } = await import("../testing/hypervisor/registry.js");
  if (passedOn.some(([name]) => name === parameter)) return openRegistered(nameForDaemon);
  const { openTestDriver } = await import("../testing/driver/open.js").catch((cause: unknown) => {
    if (!isMissing(cause)) throw cause;
    throw new UnsupportedError(
      "test:/// is a hypervisor within this program, which needs @xmldom/xmldom: npm install @xmldom/xmldom. " +
        "The test driver of a daemon is at test+unix:///default",
      { cause },
    );
  });
  return openTestDriver();
}

function isMissing(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_MODULE_NOT_FOUND" && message.includes("@xmldom/xmldom");
}
