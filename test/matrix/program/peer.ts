/** Prints where a URI leads to. */
import { connect } from "virtwire";

await using conn = await connect(process.argv[2]);
await conn.getHostname();
console.log(conn.peer);
