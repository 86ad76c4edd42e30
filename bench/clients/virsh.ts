/** What most programs do: run virsh for every call: virsh.ts WORK COUNT URI, one after the other. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { chosen, repeatAsync, serve, type Work } from "../worker.js";

const uri = process.argv[4]!;

async function virsh(...command: string[]): Promise<string> {
  const options = { maxBuffer: 2 ** 28 };
  const { stdout } = await promisify(execFile)("virsh", ["--quiet", "--connect", uri, ...command], options);
  return stdout;
}

async function names(): Promise<string[]> {
  return (await virsh("list", "--all", "--name")).split("\n").filter((name) => name !== "");
}

const works: Readonly<Record<string, Work>> = {
  getInfo: repeatAsync(async () => {
    await virsh("dominfo", "test");
    return 1;
  }),
  connect: repeatAsync(async () => {
    await virsh("hostname");
    return 1;
  }),
  list: repeatAsync(async () => (await names()).length),
  listXML: repeatAsync(async () => {
    const all = await names();
    for (const name of all) await virsh("dumpxml", name);
    return all.length;
  }),
  stats: repeatAsync(async () => (await virsh("domstats")).split("\n\n").length),
};
await serve(chosen(works));
