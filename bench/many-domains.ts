/**
 * Defines domains, and prints how many ms that took, how many the life-cycle events of all and a list of all did after
 * that, and the longest time for which nothing else could be done meanwhile: many-domains.ts URI COUNT
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { connect } from "../src/index.js";

const [uri, count] = [process.argv[2], Number(process.argv[3])];

await using connection = await connect(uri);
let heard = 0;
let hearLast = () => {};
const allHeard = new Promise<void>((resolve) => {
  hearLast = resolve;
});
await connection.on("domain.lifecycle", () => {
  heard++;
  if (heard === count) hearLast();
});

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const start = performance.now();
await Promise.all(
  Array.from({ length: count }, (_, number) =>
    connection.domainDefineXML(
      `<domain type='test'><name>guest-${number}</name><memory>8192</memory><os><type>hvm</type></os></domain>`,
    ),
  ),
);
const defined = performance.now();
await allHeard;
const told = performance.now();
const list = await connection.listAllDomains();
const listed = performance.now();
delay.disable();
if (list.length !== count + 1) throw new Error(`${list.length} domains are listed`);

console.log(
  JSON.stringify({
    define: defined - start,
    watch: told - defined,
    list: listed - told,
    pause: delay.max / 1e6,
  }),
);
