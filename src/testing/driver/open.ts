import type { Transport } from "../../transport/transport.js";
import { openEmbedded } from "../server/embedded.js";
import { createDriver } from "./driver.js";

/** All who open `test:///default` in this process are in the same world, as in C. */
const handlers = createDriver();

/** A pipe to the test driver, for one client in this process: neither end has to watch over the other. */
export function openTestDriver(): Transport {
  return openEmbedded({ handlers, keepAlive: false });
}
