/** Runs commands one after the other, as often as there is time, for side.ts: commands.ts JSON */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { repeatAsync, serve } from "./worker.js";

const commands: readonly (readonly [string, ...string[]])[] = JSON.parse(process.argv[2]!);

await serve(
  repeatAsync(async () => {
    for (const [command, ...args] of commands) await promisify(execFile)(command, args);
    return 1;
  }),
);
