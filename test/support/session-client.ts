/** Connects to each URI of the command line at once, and prints what they turn out to be, one a line. */
import { connect } from "virtwire";

const outcomes = process.argv.slice(2).map(async (uri) => {
  try {
    await using conn = await connect(uri);
    return `${await conn.getURI()} at ${conn.peer}`;
  } catch (error) {
    return String(error);
  }
});
for (const outcome of await Promise.all(outcomes)) console.log(outcome);
