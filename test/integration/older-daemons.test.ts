import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Connection, connect, DomainState, UnsupportedError } from "../../src/index.js";
import * as remote from "../../src/protocol/generated/remote.js";
import { testDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { OlderDaemon } from "../support/older-daemon.js";

const unknown = [
  remote.connectListAllDomains,
  remote.connectListAllInterfaces,
  remote.connectListAllNetworks,
  remote.connectListAllNodeDevices,
  remote.connectListAllNwfilters,
  remote.connectListAllSecrets,
  remote.connectListAllStoragePools,
  remote.domainCoreDumpWithFormat,
  remote.domainCreateWithFlags,
  remote.domainDefineXmlFlags,
  remote.domainDestroyFlags,
  remote.domainGetHostname,
  remote.domainRestoreFlags,
  remote.domainSaveFlags,
  remote.domainSetMemoryFlags,
  remote.domainSetVcpusFlags,
  remote.domainShutdownFlags,
  remote.domainUndefineFlags,
  remote.networkCreateXmlFlags,
  remote.networkDefineXmlFlags,
  remote.storagePoolListAllVolumes,
];

let daemon: Libvirtd;
let older: OlderDaemon;
let conn: Connection;
let qemu: Connection;
/** The same daemon, in full. */
let newer: Connection;
let newerQemu: Connection;

beforeAll(async () => {
  daemon = await startLibvirtd();
  older = await new OlderDaemon(daemon, unknown).start();
  conn = await connect(`test+unix:///default?socket=${older.path}`);
  qemu = await connect(`qemu+unix:///system?socket=${older.path}`);
  newer = await connect(daemon.uri("test"));
  newerQemu = await connect(daemon.uri("qemu"));
});

afterAll(async () => {
  for (const one of [conn, qemu, newer, newerQemu]) await one?.close();
  await older?.[Symbol.asyncDispose]();
  await daemon?.stop();
});

beforeEach(() => {
  older.asked.length = 0;
});

const sorted = (objects: readonly { toJSON(): unknown }[]) =>
  objects.map((one) => JSON.stringify(one)).sort();

describe("lists, by names and look-ups", () => {
  test("domains: both, the active, the inactive", async () => {
    const off = await newer.domainDefineXML(testDomainXML({ name: "off" }));
    for (const flags of [0, 1, 2, 3]) {
      expect(sorted(await conn.listAllDomains(flags))).toEqual(sorted(await newer.listAllDomains(flags)));
    }
    expect(older.asked).toContain(remote.connectListDefinedDomains.number);
    await off.undefine();
  });

  test("networks, storage pools, volumes, interfaces and devices", async () => {
    expect(sorted(await conn.listAllNetworks())).toEqual(sorted(await newer.listAllNetworks()));
    expect(sorted(await conn.listAllNetworks(2))).toEqual(sorted(await newer.listAllNetworks(2)));
    expect(sorted(await conn.listAllStoragePools())).toEqual(sorted(await newer.listAllStoragePools()));
    expect(sorted(await conn.listAllInterfaces())).toEqual(sorted(await newer.listAllInterfaces()));
    expect(sorted(await conn.listAllNodeDevices())).toEqual(sorted(await newer.listAllNodeDevices()));
    const [pool] = await conn.listAllStoragePools();
    await pool!.storageVolCreateXML("<volume><name>v</name><capacity>1024</capacity></volume>");
    const theirs = await newer.storagePoolLookupByName(pool!.name);
    expect(sorted(await pool!.listAllVolumes())).toEqual(sorted(await theirs.listAllVolumes()));
    expect(await pool!.listAllVolumes()).toHaveLength(1);
  });

  test("secrets and network filters", async () => {
    await newerQemu.secretDefineXML("<secret><usage type='volume'><volume>/a</volume></usage></secret>");
    expect(sorted(await qemu.listAllSecrets())).toEqual(sorted(await newerQemu.listAllSecrets()));
    expect(await qemu.listAllSecrets()).toHaveLength(1);
    expect(sorted(await qemu.listAllNWFilters())).toEqual(sorted(await newerQemu.listAllNWFilters()));
    expect(older.asked).toContain(remote.connectListNwfilters.number);
  });

  test("by other filters cannot be had, and the error says since when they can", async () => {
    const persistent = 4;
    await expect(conn.listAllDomains(persistent)).rejects.toThrow(UnsupportedError);
    await expect(conn.listAllDomains(persistent)).rejects.toThrow(
      /REMOTE_PROC_CONNECT_LIST_ALL_DOMAINS.*0\.9\.13/,
    );
  });
});

test("without flags a domain's life goes on as ever", async () => {
  const domain = await conn.domainDefineXMLFlags(testDomainXML({ name: "old" }));
  await domain.createWithFlags();
  expect(domain.id).toBeGreaterThan(0);
  await domain.setMemoryFlags(4096n);
  expect((await domain.getInfo()).memory).toBe(4096n);
  await domain.shutdownFlags();
  expect((await domain.getState()).state).toBe(DomainState.SHUTOFF);
  await domain.createWithFlags();
  await domain.saveFlags(`${daemon.directory}/saved`);
  await conn.domainRestoreFlags(`${daemon.directory}/saved`);
  expect((await domain.getState()).state).toBe(DomainState.RUNNING);
  await domain.coreDumpWithFormat(`${daemon.directory}/core`, 0);
  await domain.destroyFlags();
  await domain.undefineFlags();
  for (const { number } of [
    remote.domainCreate,
    remote.domainSave,
    remote.domainRestore,
    remote.domainUndefine,
  ]) {
    expect(older.asked).toContain(number);
  }
});

test("with flags it cannot, and neither can what never had a predecessor", async () => {
  const domain = await conn.domainLookupByName("test");
  await expect(domain.destroyFlags(1)).rejects.toThrow(/REMOTE_PROC_DOMAIN_DESTROY_FLAGS.*libvirt 0\.9\.4/);
  await expect(domain.getHostname()).rejects.toThrow(UnsupportedError);
  expect((await domain.getState()).state).toBe(DomainState.RUNNING);
});
