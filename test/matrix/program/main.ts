/**
 * Does with the package what its users do, in the runtime that runs this, and prints what comes of it: a line of JSON
 * for each check. The scene, as JSON, is its argument.
 */

import { outcomeOf, type Scene } from "./check.js";
import { connecting } from "./connecting.js";
import { domains } from "./domains.js";
import { events } from "./events.js";
import { runtime } from "./runtime.js";
import { streams } from "./streams.js";

const scene = JSON.parse(process.argv[2] ?? "") as Scene;
for (const check of [...connecting, ...domains, ...events, ...streams, ...runtime]) {
  console.log(JSON.stringify(await outcomeOf(check, scene)));
}
