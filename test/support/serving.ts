/** Serves our test driver at the addresses of the command line, and ends when its input does. */
import { once } from "node:events";
import { createDriver } from "../../src/testing/driver/driver.js";
import { serve } from "../../src/testing/serve.js";

const [keepAlive = "", ...listen] = process.argv.slice(2);
const server = await serve({
  handlers: createDriver(),
  listen,
  keepAlive: JSON.parse(keepAlive),
  onError: (error, procedure) => console.error(procedure, error),
});
console.log("serves");
await once(process.stdin.resume(), "end");
await server.close();
