/** A small program, as a function in a cloud may be: connects, lists domains and ends. list.js URI */
import { connect } from "virtwire";

async function list(uri: string | undefined): Promise<void> {
  await using connection = await connect(uri);
  for (const domain of await connection.listAllDomains()) console.log(domain.name);
}

// Not awaited by the module itself: its bundle could not be told that all of it is there by then.
list(process.argv[2]);
