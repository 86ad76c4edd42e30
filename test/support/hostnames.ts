// Prints the name of the host that each URI leads to: hostnames.ts OPTIONS URI...
import { connect } from "virtwire";

const [options = "{}", ...uris] = process.argv.slice(2);
const found: [uri: string, hostname: string][] = [];
for (const uri of uris) {
  await using conn = await connect(uri, JSON.parse(options));
  found.push([uri, await conn.getHostname()]);
}
console.log(JSON.stringify(found));
