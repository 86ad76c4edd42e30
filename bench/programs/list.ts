/** A small program, as a function in a cloud may be: connects, lists domains and ends. list.js URI */
import { connect } from "../../src/index.js";

await using connection = await connect(process.argv[2]);
for (const domain of await connection.listAllDomains()) console.log(domain.name);
