import { readFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { versionsOfClients } from "./clients.js";
import { output } from "./output.js";

/** What the figures were taken with: they mean nothing without it. */
export async function machineFacts(): Promise<Readonly<Record<string, string>>> {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: (await output("git", "describe", "--always", "--dirty")) ?? "unknown",
    cpu: `${processors.length} × ${processors[0]?.model.trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: `${loadavg()[0]!.toFixed(1)} at the start`,
    system: `${type()} ${release()}`,
    node: process.version,
    "js-xdr": await version("js-xdr"),
    libvirtd: (await output("/usr/sbin/libvirtd", "--version")) ?? "not here",
    ...(await versionsOfClients()),
  };
}

async function version(name: string): Promise<string> {
  const url = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(await readFile(url, "utf8")).version;
}
