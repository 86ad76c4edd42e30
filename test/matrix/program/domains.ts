import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type Connection, connect, type Domain, DomainState, ErrorNumber, LibvirtError } from "virtwire";
import type { Check, Scene } from "./check.js";
import { bootableGuest } from "./guest.js";

let names = 0;
export const uniqueName = (what: string) => `${what}-${process.pid}-${names++}`;

function testDomain(name: string): string {
  return `<domain type="test"><name>${name}</name><memory>8192</memory><os><type>hvm</type></os></domain>`;
}

/** Does something with a domain of QEMU's that does not run, and removes it. */
async function withGuest(
  { uris }: Scene,
  act: (guest: Domain, conn: Connection) => Promise<unknown>,
  more: string = "",
): Promise<void> {
  await using conn = await connect(uris.unix);
  const guest = await conn.domainDefineXML(
    `<domain type="qemu"><name>${uniqueName("guest")}</name><memory>32768</memory>
      <os><type arch="x86_64" machine="pc">hvm</type></os>${more}</domain>`,
  );
  try {
    await act(guest, conn);
  } finally {
    await guest.destroy().catch(() => {});
    await guest.undefine();
  }
}

const state = async (domain: Domain) => (await domain.getState()).state;

export const domains: readonly Check[] = [
  {
    name: "the life of a domain, on the test driver",
    testDriver: true,
    async run({ uris }) {
      await using conn = await connect(uris.test!);
      const name = uniqueName("life");
      const domain = await conn.domainDefineXML(testDomain(name));
      equal(await state(domain), DomainState.SHUTOFF);
      await domain.create();
      ok(domain.id > 0);
      await domain.suspend();
      equal(await state(domain), DomainState.PAUSED);
      await domain.resume();
      await domain.setMemory(4096n);
      equal((await domain.getInfo()).memory, 4096n);
      await domain.shutdown();
      equal(await state(domain), DomainState.SHUTOFF);
      await domain.undefine();
      await rejects(conn.domainLookupByName(name), { code: ErrorNumber.NO_DOMAIN });
    },
  },
  {
    name: "the life of a guest in QEMU, and its console",
    async run(scene) {
      await using guest = await bootableGuest(scene, uniqueName("console"));
      await guest.domain.create();
      equal(await state(guest.domain), DomainState.RUNNING);
      const console = await guest.domain.openConsole();
      // The guest answers once it has booted, and hears nothing before.
      const asking = setInterval(() => console.write("h"), 100);
      try {
        for await (const chunk of console) if (String(chunk).includes("H")) break;
      } finally {
        clearInterval(asking);
      }
      await guest.domain.suspend();
      equal(await state(guest.domain), DomainState.PAUSED);
    },
  },
  {
    name: "lists of everything",
    async run({ uris }) {
      await using conn = await connect(uris.test ?? uris.unix);
      const lists = [
        ...[conn.listAllDomains(), conn.listAllNetworks(), conn.listAllStoragePools()],
        ...[conn.listAllInterfaces(), conn.listAllNodeDevices()],
      ];
      for (const list of await Promise.all<readonly { readonly name: string }[]>(lists)) {
        for (const { name } of list) ok(name.length > 0);
      }
      if (uris.test !== null) ok((await conn.listAllDomains()).some(({ name }) => name === "test"));
    },
  },
  {
    name: "typed parameters, both ways",
    run: (scene) =>
      withGuest(scene, async (guest) => {
        await guest.setSchedulerParametersFlags({ cpu_shares: 512 }, 2);
        equal((await guest.getSchedulerParametersFlags(2))["cpu_shares"], 512n);
        await guest.setBlkioParameters({ weight: 500 }, 2);
        equal((await guest.getBlkioParameters(2))["weight"], 500);
      }),
  },
  {
    name: "statistics of all domains",
    run: (scene) =>
      withGuest(scene, async (guest, conn) => {
        const all = await conn.getAllDomainStats();
        const mine = all.find(({ domain }) => domain.equals(guest));
        equal(mine?.params["state.state"], DomainState.SHUTOFF);
      }),
  },
  {
    name: "text in every script",
    run: (scene) =>
      withGuest(scene, async (guest) => {
        await guest.setMetadata(0, "Gäste, 客人, 🐧", null, null, 2);
        equal(await guest.getMetadata(0, null, 2), "Gäste, 客人, 🐧");
      }),
  },
  {
    name: "snapshots",
    testDriver: true,
    async run({ uris }) {
      await using conn = await connect(uris.test!);
      const domain = await conn.domainDefineXML(testDomain(uniqueName("snapshots")));
      const snapshot = await domain.snapshotCreateXML("<domainsnapshot><name>one</name></domainsnapshot>");
      deepEqual(
        (await domain.listAllSnapshots()).map(({ name }) => name),
        ["one"],
      );
      await snapshot.domainRevertToSnapshot();
      await snapshot.delete();
      await domain.undefine();
    },
  },
  {
    name: "libvirt's errors, with code and text",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const error = await conn.domainLookupByName("nobody").catch((reason: unknown) => reason);
      ok(error instanceof LibvirtError);
      equal(error.codeName, "NO_DOMAIN");
      ok(error.message.includes("nobody"));
      await rejects(conn.domainDefineXML("<domain"), { code: ErrorNumber.XML_DETAIL });
      await rejects(conn.domainLookupByName(7 as unknown as string), TypeError);
    },
  },
  {
    name: "500 calls at once",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const names = await Promise.all(Array.from({ length: 500 }, () => conn.getHostname()));
      equal(new Set(names).size, 1);
    },
  },
  {
    name: "a domain's messages",
    since: "7.1",
    run: (scene) => withGuest(scene, async (guest) => deepEqual(await guest.getMessages(), [])),
  },
  {
    name: "definitions checked against the schema (networkDefineXMLFlags)",
    since: "7.7",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const name = uniqueName("net");
      const network = await conn.networkDefineXMLFlags(`<network><name>${name}</name></network>`, 1);
      await network.undefine();
    },
  },
  {
    name: "metadata of networks",
    since: "9.7",
    async run({ uris }) {
      await using conn = await connect(uris.unix);
      const network = await conn.networkDefineXML(`<network><name>${uniqueName("net")}</name></network>`);
      try {
        await network.setMetadata(1, "a title", null, null, 2);
        equal(await network.getMetadata(1, null, 2), "a title");
      } finally {
        await network.undefine();
      }
    },
  },
  {
    name: "start a domain once with the host",
    since: "11.2",
    run: (scene) =>
      withGuest(scene, async (guest) => {
        await guest.setAutostart(false);
        await guest.setAutostartOnce(true);
        equal(await guest.getAutostartOnce(), true);
      }),
  },
];
