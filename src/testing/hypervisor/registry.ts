import { ConnectionError } from "../../errors.js";
import type { Transport } from "../../transport/transport.js";

/** The hypervisors of tests in this process, by their URIs: each opens a pipe to itself. */
const hypervisors = new Map<string, () => Transport>();

/** Makes a hypervisor known by a URI of its own, which is returned, until it is forgotten. */
export function register(open: () => Transport): { readonly uri: string; forget(): void } {
  lastNumber += 1;
  const uri = `test:///default?${parameter}=${lastNumber}`;
  hypervisors.set(uri, open);
  return { uri, forget: () => void hypervisors.delete(uri) };
}

let lastNumber = 0;

/** What tells the URIs of tests' hypervisors from others. */
export const parameter = "hypervisor";

/** A pipe to the hypervisor that has this URI. */
export function openRegistered(uri: string): Transport {
  const open = hypervisors.get(uri);
  if (open) return open();
  throw new ConnectionError(
    `Cannot connect to ${uri}: that hypervisor has been closed, or was not created in this process`,
  );
}
