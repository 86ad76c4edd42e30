/** Small calls as a program makes them: calls-virtwire.ts CALL COUNT URI */
import { connect } from "../src/index.js";
import { chosen, serve, type Work } from "./worker.js";

const [, count, uri] = process.argv.slice(2);
const connection = await connect(uri);
const domain = await connection.domainLookupByName("test");

/** As many callers at once, each of which makes its next call when it has its answer. */
function callers(count: number, call: () => Promise<unknown>): Work {
  return async (more) => {
    let done = 0;
    const caller = async () => {
      do {
        await call();
        done++;
      } while (more());
    };
    await Promise.all(Array.from({ length: count }, caller));
    return done;
  };
}

const call = chosen({
  getLibVersion: () => connection.getLibVersion(),
  getInfo: () => domain.getInfo(),
});
await serve(callers(Number(count), call));
await connection.close();
