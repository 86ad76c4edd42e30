/** What virsh makes of it: streams-virsh.ts COMMAND URI FILE */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";
import { serve } from "./worker.js";

const [command = "", uri = "", file = ""] = process.argv.slice(2);
const mebibytes = (await stat(file)).size / 2 ** 20;
const target = command === "vol-download" ? `${file}.${process.pid}` : file;

await serve(async (more) => {
  let done = 0;
  do {
    await promisify(execFile)("virsh", ["--connect", uri, command, "--pool", "bench", "volume", target]);
    done += mebibytes;
  } while (more());
  return done;
});
