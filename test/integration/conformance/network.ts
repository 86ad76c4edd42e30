import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "vitest";
import { NetworkUpdateCommand, NetworkUpdateFlags, NetworkUpdateSection } from "../../../src/index.js";
import type { Call } from "./both.js";
import { uuidFor, type World } from "./world.js";

const { ADD_LAST: Add, DELETE: Delete, MODIFY: Modify } = NetworkUpdateCommand;
const { LIVE, CONFIG } = NetworkUpdateFlags;
const both = LIVE | CONFIG;

/** Of a kind that needs neither a firewall nor a DHCP server. */
function networkXML(name: string, bridge: string, address = "192.0.2.1"): string {
  return `<network>
    <name>${name}</name><uuid>${uuidFor(name)}</uuid><forward mode="open"/>
    <bridge name="${bridge}"/><mac address="52:54:00:00:01:00"/><dns enable="no"/>
    <ip address="${address}" netmask="255.255.255.0"/>
  </network>`;
}

const reads: readonly Call[] = [
  "virNetworkGetAutostart",
  "virNetworkGetBridgeName",
  "virNetworkGetConnect",
  ["virNetworkGetDHCPLeases", null, 0],
  ["virNetworkGetDHCPLeases", "52:54:00:00:00:42", 0],
  "virNetworkGetName",
  "virNetworkGetUUID",
  "virNetworkGetUUIDString",
  ["virNetworkGetXMLDesc", 0],
  ["virNetworkGetXMLDesc", 1],
  "virNetworkIsActive",
  "virNetworkIsPersistent",
  ["virNetworkListAllPorts", 0],
  ["virNetworkPortLookupByUUIDString", uuidFor("nonsense")],
];

const portXML = `<networkport>
  <uuid>${uuidFor("port")}</uuid>
  <owner><name>nobody</name><uuid>${uuidFor("nobody")}</uuid></owner>
  <mac address="52:54:00:00:00:42"/>
  <bandwidth><inbound average="100"/></bandwidth>
</networkport>`;

export function networkScenarios(world: () => World): void {
  describe.each(["test", "qemu", "ours"] as const)("networks of %s", (driver) => {
    it("are the same", async () => {
      const conn = await world().driver(driver);
      const name = `${driver}-network`;
      const bridge = `${driver}br0`;
      await conn.change(
        ["virNetworkDefineXML", networkXML(name, bridge)],
        ["virNetworkDefineXMLFlags", networkXML(name, bridge), 0],
        ["virNetworkDefineXML", "nonsense"],
      );
      await conn.read(
        ["virConnectListAllNetworks", 0],
        ["virConnectListAllNetworks", 2],
        "virConnectListDefinedNetworks",
        "virConnectListNetworks",
        "virConnectNumOfDefinedNetworks",
        "virConnectNumOfNetworks",
        ["virNetworkLookupByName", "nonsense"],
        ["virNetworkLookupByUUID", Buffer.from(uuidFor(name).replaceAll("-", ""), "hex")],
        ["virNetworkLookupByUUIDString", uuidFor(name)],
        ["virNetworkLookupByUUIDString", uuidFor("nonsense")],
      );
      const network = await conn.find("virNetworkLookupByName", name);
      await network.read(...reads);
      await network.change("virNetworkCreate", "virNetworkCreate", ["virNetworkSetAutostart", true]);
      await network.read(...reads);
      const dnsHost = `<host ip="192.0.2.7"><hostname>seven</hostname></host>`;
      await network.change(
        ["virNetworkUpdate", Add, NetworkUpdateSection.PORTGROUP, -1, `<portgroup name="some"/>`, both],
        ["virNetworkUpdate", Add, NetworkUpdateSection.PORTGROUP, -1, `<portgroup name="some"/>`, both],
        ["virNetworkUpdate", Delete, NetworkUpdateSection.PORTGROUP, -1, `<portgroup name="some"/>`, LIVE],
        ["virNetworkUpdate", Add, NetworkUpdateSection.DNS_HOST, -1, dnsHost, CONFIG],
        ["virNetworkUpdate", Modify, NetworkUpdateSection.BRIDGE, -1, `<bridge name="other"/>`, CONFIG],
        "virNetworkDestroy",
        "virNetworkDestroy",
        "virNetworkUndefine",
        "virNetworkUndefine",
        "virNetworkGetBridgeName",
      );
    });

    it("are the same without a definition", async () => {
      const conn = await world().driver(driver);
      for (const [name, flags] of [[`${driver}-plain`], [`${driver}-flags`, 0]] as const) {
        const call = flags === undefined ? "virNetworkCreateXML" : "virNetworkCreateXMLFlags";
        await conn.change([call, networkXML(name, `${driver}br1`), ...(flags === undefined ? [] : [flags])]);
        const network = await conn.find("virNetworkLookupByName", name);
        await network.change(["virNetworkSetAutostart", true], "virNetworkDestroy");
      }
    });
  });

  it("network ports are the same", async () => {
    const conn = await world().driver("qemu");
    await conn.change(["virNetworkCreateXML", networkXML("ports", "portsbr", "198.51.100.1")]);
    const network = await conn.find("virNetworkLookupByName", "ports");
    await network.change(["virNetworkPortCreateXML", portXML, 0], ["virNetworkPortCreateXML", "nonsense", 0]);
    const uuid = Buffer.from(uuidFor("port").replaceAll("-", ""), "hex");
    await network.read(["virNetworkListAllPorts", 0], ["virNetworkPortLookupByUUID", uuid]);
    const port = await network.find("virNetworkPortLookupByUUIDString", uuidFor("port"));
    await port.change(
      ["virNetworkPortSetParameters", { "inbound.average": 1000, "inbound.peak": 2000 }, 0],
      ["virNetworkPortSetParameters", { "inbound.floor": 1 }, 0],
    );
    await port.read(
      "virNetworkPortGetNetwork",
      ["virNetworkPortGetParameters", 0],
      "virNetworkPortGetUUID",
      "virNetworkPortGetUUIDString",
      ["virNetworkPortGetXMLDesc", 0],
    );
    await port.change(["virNetworkPortDelete", 0], ["virNetworkPortDelete", 0]);
    await network.change("virNetworkDestroy");
  });

  it("DHCP leases are the same", async () => {
    const conn = await world().driver("qemu");
    await conn.change(["virNetworkCreateXML", networkXML("leases", "leasesbr", "203.0.113.1")]);
    const lease = {
      "ip-address": "192.0.2.42",
      "mac-address": "52:54:00:00:00:42",
      hostname: "answer",
      "client-id": "01:52:54:00:00:00:42",
      "expiry-time": 4_102_444_800,
    };
    const second = {
      "ip-address": "192.0.2.43",
      "mac-address": "52:54:00:00:00:43",
      "expiry-time": 4_102_444_801,
    };
    for (const { directory } of world().daemons) {
      await writeFile(join(directory, "lib/dnsmasq/leasesbr.status"), JSON.stringify([lease, second]));
    }
    const network = await conn.find("virNetworkLookupByName", "leases");
    await network.read(
      ["virNetworkGetDHCPLeases", null, 0],
      ["virNetworkGetDHCPLeases", "52:54:00:00:00:42", 0],
      ["virNetworkGetDHCPLeases", "52:54:00:00:00:44", 0],
    );
    await network.change("virNetworkDestroy");
  });
}
