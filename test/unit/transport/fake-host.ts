import type { Environment, Host } from "../../../src/transport/host.js";

/** A machine made up for a test. */
export function fakeHost(parts: { uid?: number; env?: Environment; files?: Record<string, string> }): Host {
  const { uid = 1000, env = {}, files = {} } = parts;
  return { uid, env, readFile: async (path) => files[path] };
}
