/** Calls through the native binding `@unraid/libvirt`: unraid.ts WORK COUNT URI, with COUNT of them begun at once. */
import { Hypervisor } from "@unraid/libvirt";
import { callers, chosen, repeatAsync, serve, type Work } from "../worker.js";

const count = Number(process.argv[3]);
const uri = process.argv[4]!;

async function open(): Promise<Hypervisor> {
  const hypervisor = new Hypervisor({ uri });
  await hypervisor.connectOpen();
  return hypervisor;
}

async function connectAndCall(): Promise<number> {
  const hypervisor = await open();
  await hypervisor.connectGetHostname();
  await hypervisor.connectClose();
  return 1;
}

const works: Readonly<Record<string, () => Promise<Work>>> = {
  connect: async () => repeatAsync(connectAndCall),
  async getInfo() {
    const domain = await (await open()).domainLookupByName("test");
    return callers(count, () => domain.getInfo());
  },
  async list() {
    const hypervisor = await open();
    return repeatAsync(async () => (await hypervisor.connectListAllDomains()).length);
  },
  async listXML() {
    const hypervisor = await open();
    return repeatAsync(async () => {
      const domains = await hypervisor.connectListAllDomains();
      await Promise.all(domains.map((domain) => domain.getXMLDesc()));
      return domains.length;
    });
  },
};
await serve(await chosen(works)());
process.exit();
