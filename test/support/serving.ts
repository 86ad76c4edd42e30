/** Serves our test driver with the options, in JSON, and at the addresses of the command line, and ends when its input does. */
import { once } from "node:events";
import { createDriver } from "../../src/testing/driver/driver.js";
import { serve } from "../../src/testing/serve.js";

const [options = "", ...listen] = process.argv.slice(2);
const server = await serve({
  ...JSON.parse(options),
  handlers: createDriver(),
  listen,
  onError: (error, procedure) => console.error(procedure, error),
});
console.log("serves");
await once(process.stdin.resume(), "end");
await server.close();
