import { type Command, parsed, UsageError } from "../command.js";
import { printableJson } from "../safe-text.js";
import { examine } from "./examine.js";
import { Printer } from "./print.js";

const usage = `usage: virtwire doctor [--json] [--readonly] [--timeout SECONDS] [URI]

Connects to a libvirt daemon as connect() does and tells every step: where the URI is from and what it means, how the
daemon is reached, who it is, how we log in, and what it can do. At the first step that fails it says what is wrong
and how to mend it. Without a URI it looks at what would be used in its place.

  --json             one JSON object, with all of it, when it is over
  --readonly         asks for a connection that cannot change anything
  --timeout SECONDS  gives up after so long; 30 if left out

The exit status is 0 where all is well, 1 where a step failed, and 2 for a command line that makes no sense.
`;

const defaultTimeout = "30";

export const command: Command = {
  usage,
  async run(args, { write, colours }) {
    const { uri, json, readonly, timeoutMs } = options(args);
    if (json) {
      const diagnosis = await examine(uri, { readonly, timeoutMs, onStep: () => {} });
      write(`${printableJson(diagnosis)}\n`);
      return diagnosis.ok ? 0 : 1;
    }
    const printer = new Printer(write, colours);
    const diagnosis = await examine(uri, { readonly, timeoutMs, onStep: (step) => printer.step(step) });
    printer.summary(diagnosis);
    return diagnosis.ok ? 0 : 1;
  },
};

function options(args: readonly string[]) {
  const { values, positionals } = parsed({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      readonly: { type: "boolean", default: false },
      timeout: { type: "string", default: defaultTimeout },
    },
  });
  if (positionals.length > 1) throw new UsageError("one URI is enough");
  const { json, readonly, timeout } = values;
  const seconds = Number(timeout);
  if (!/^\d+(\.\d+)?$/.test(timeout) || seconds === 0)
    throw new UsageError(`--timeout takes a number of seconds, not ${JSON.stringify(timeout)}`);
  return { uri: positionals[0], json, readonly, timeoutMs: seconds * 1000 };
}
