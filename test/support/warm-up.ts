import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { capabilityCache, startLibvirtd } from "./libvirtd.js";

/** Has QEMU probed once, before the tests: later every daemon starts with what was found. */
export default async function warmUp(): Promise<void> {
  if (existsSync(capabilityCache)) return;
  await using libvirtd = await startLibvirtd();
  await promisify(execFile)("virsh", ["--connect", libvirtd.uri("qemu"), "version"]);
}
