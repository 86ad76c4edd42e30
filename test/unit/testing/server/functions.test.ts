import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ErrorDomain } from "../../../../src/generated/constants.js";
import * as lxc from "../../../../src/protocol/generated/lxc.js";
import * as qemu from "../../../../src/protocol/generated/qemu.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import { apiFunctions } from "../../../../src/testing/server/generated/functions.js";
import { findProgram } from "../../../../src/testing/server/programs.js";

const manifest = JSON.parse(
  readFileSync(new URL("../../../../api-manifest.json", import.meta.url), "utf8"),
) as readonly { readonly c: string; readonly kind: string }[];

const programs = [remote.REMOTE_PROGRAM, qemu.QEMU_PROGRAM, lxc.LXC_PROGRAM];
const procedures = programs.flatMap((program) => [...(findProgram(program)?.values() ?? [])]);

describe("what a server knows of the functions of C", () => {
  test("is there for every procedure, and for nothing else", () => {
    expect(procedures.length).toBeGreaterThan(380);
    expect([...apiFunctions.keys()].sort()).toEqual(procedures.map(({ name }) => name).sort());
  });

  test("has the names of functions that there are, but for those that are the C library's own", () => {
    const known = new Set(manifest.filter(({ kind }) => kind === "function").map(({ c }) => c));
    const unknown = [...apiFunctions.values()].map(({ name }) => name).filter((name) => !known.has(name));
    expect(unknown.filter((name) => !/^vir(Auth|ConnectSupportsFeature$|DomainMigrate)/.test(name))).toEqual(
      [],
    );
  });

  const fact = (procedure: { readonly name: string }) => {
    const { name, domain, changes } = apiFunctions.get(procedure.name)!;
    return [name, domain, changes];
  };

  test.each([
    [remote.domainGetXmlDesc, "virDomainGetXMLDesc", ErrorDomain.DOMAIN, false],
    [remote.domainCreate, "virDomainCreate", ErrorDomain.DOMAIN, true],
    [remote.domainOpenConsole, "virDomainOpenConsole", ErrorDomain.DOMAIN, true],
    [remote.storageVolDownload, "virStorageVolDownload", ErrorDomain.STORAGE, true],
    [remote.networkListAllPorts, "virNetworkListAllPorts", ErrorDomain.NETWORK, false],
    [remote.domainSnapshotCreateXml, "virDomainSnapshotCreateXML", ErrorDomain.DOMAIN_SNAPSHOT, true],
    [remote.secretGetValue, "virSecretGetValue", ErrorDomain.SECRET, true],
    [
      remote.connectDomainEventCallbackRegisterAny,
      "virConnectDomainEventRegisterAny",
      ErrorDomain.DOMAIN,
      false,
    ],
    // These keep to another rule than their permissions.
    [remote.domainSetSchedulerParameters, "virDomainSetSchedulerParameters", ErrorDomain.DOMAIN, true],
    [remote.nodeGetSevInfo, "virNodeGetSEVInfo", ErrorDomain.DOMAIN, true],
    [remote.domainMigrateGetMaxDowntime, "virDomainMigrateGetMaxDowntime", ErrorDomain.DOMAIN, false],
    [remote.connectSetIdentity, "virConnectSetIdentity", ErrorDomain.DOMAIN, false],
    // Of this one only its arguments are known: what could change something is taken to do so.
    [remote.domainAnnounceInterface, "virDomainAnnounceInterface", ErrorDomain.DOMAIN, true],
  ])("is right of $name", (procedure, ...expected) => {
    expect(fact(procedure)).toEqual(expected);
  });
});
