/** Suspends and resumes domains for as long as its standard input is open: event-producer.ts URI */
import { connect } from "../src/index.js";

const domainCount = 16;

const connection = await connect(process.argv[2]);
const domains = await Promise.all(
  Array.from({ length: domainCount }, (_, i) =>
    connection.domainCreateXML(
      `<domain type='test'><name>busy-${i}</name><memory>8192</memory><os><type>hvm</type></os></domain>`,
    ),
  ),
);
process.stdin.resume().on("end", () => process.exit());
await Promise.all(
  domains.map(async (domain) => {
    for (;;) {
      await domain.suspend();
      await domain.resume();
    }
  }),
);
