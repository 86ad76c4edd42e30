import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All lines of its standard output. */
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** A Node process of its own. It is killed if the test ends first. */
export interface Child {
  /** The next line of its standard output; undefined when there is none any more. */
  line(): Promise<string | undefined>;
  /** Sends it a line. */
  tell(line: string): void;
  readonly ended: Promise<Outcome>;
}

const prelude = `
  import { once } from "node:events";
  import { connect } from ${JSON.stringify(new URL("../../../src/index.ts", import.meta.url).href)};
  import * as remote from ${JSON.stringify(new URL("../../../src/protocol/generated/remote.ts", import.meta.url).href)};
  const [uri, ...uris] = JSON.parse(process.env.URIS);
  const say = (value) => console.log(JSON.stringify(value));
  const told = async () => {
    const [line] = await once(process.stdin, "data");
    process.stdin.pause();
    return String(line).trim();
  };
  // A turn of the event loop more than V8 needs to collect and to tell what it has collected.
  const collect = async () => {
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc();
    }
  };
`;

/**
 * Runs a program that uses the library: `connect`, `uri` (and `uris`, the others), `say` for a line of JSON, `told` for
 * a line from the test, `collect` for the garbage.
 */
export function run(program: string, ...uris: readonly string[]): Child {
  const { PATH, HOME } = process.env;
  const child: ChildProcessWithoutNullStreams = spawn(
    process.execPath,
    ["--expose-gc", "--import", "tsx", "--input-type=module", "--eval", prelude + program],
    { env: { PATH, HOME, URIS: JSON.stringify(uris) } },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  // What it is told may come after its end, which may be what the test is about.
  child.stdin.on("error", () => {});
  const lines: string[] = [];
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const iterator = reader[Symbol.asyncIterator]();
  return {
    line: async () => (await iterator.next()).value as string | undefined,
    tell: (line) => void child.stdin.write(`${line}\n`),
    ended: new Promise((resolve) => {
      child.on("close", (code, signal) => resolve({ code, signal, lines, stderr }));
    }),
  };
}
