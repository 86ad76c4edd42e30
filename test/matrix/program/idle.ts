/** Makes a call over a connection that is not closed. The program ends because nothing else is to be done. */
import { connect } from "virtwire";

const conn = await connect(process.argv[2]);
conn.getHostname().then(() => console.log("answered"));
