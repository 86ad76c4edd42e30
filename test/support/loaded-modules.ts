/** Connects to the URI that it is given, come of it what may, and prints which modules that has loaded. */
import { register } from "node:module";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

const hooks = `
  let port;
  export async function initialize(data) { port = data; }
  export async function resolve(specifier, context, next) {
    const resolved = await next(specifier, context);
    port.postMessage(resolved.url);
    return resolved;
  }`;
const { port1, port2 } = new MessageChannel();
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: port2, transferList: [port2] });

const { connect } = await import("virtwire");
try {
  await using _conn = await connect(process.argv[2]);
} catch {
  // What it loads is the question.
}
for (let said = receiveMessageOnPort(port1); said; said = receiveMessageOnPort(port1))
  console.log(said.message);
port1.close();
