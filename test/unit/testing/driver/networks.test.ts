import { describe, expect, test } from "vitest";
import {
  ErrorNumber,
  NetworkUpdateCommand,
  NetworkUpdateSection,
} from "../../../../src/generated/constants.js";
import { parseIp, prefixOfNetmask } from "../../../../src/testing/driver/ip.js";
import {
  affect,
  checkNetworkDescription,
  checkNetworkRequest,
} from "../../../../src/testing/driver/network/network.js";
import { parseNetwork } from "../../../../src/testing/driver/network/read.js";
import { World } from "../../../../src/testing/driver/world.js";

// What can be compared with libvirtd is in test/integration/embedded-networks.test.ts. Here is what only later releases do.

function definition(more = "", name = "lab") {
  return parseNetwork(`<network><name>${name}</name>${more}</network>`);
}

function watched() {
  const world = new World();
  const heard: unknown[] = [];
  world.events.listen(({ name, body }) => heard.push([name, ...Object.values(body)]));
  return { world, heard };
}

describe("a network's descriptions", () => {
  const element = { type: 2, key: "k", uri: "urn:u" };

  test("are set, told and taken away", () => {
    const { world, heard } = watched();
    const network = world.networks.define(definition());
    heard.splice(0);
    network.setDescription({ type: 1, metadata: "Lab", uri: null, key: null }, 0);
    network.setDescription({ type: 0, metadata: "Of old", uri: null, key: null }, affect.CONFIG);
    network.setDescription({ ...element, metadata: "<a><b/></a>" }, 0);
    expect(network.getDescription(1, null, 0)).toBe("Lab");
    expect(network.getDescription(0, null, 0)).toBe("Of old");
    expect(network.getDescription(2, "urn:u", 0)).toBe("<a>\n  <b/>\n</a>");
    expect(network.definition.format()).toContain(`<title>Lab</title>
  <description>Of old</description>
  <metadata>
    <k:a xmlns:k="urn:u">
      <k:b/>
    </k:a>
  </metadata>
`);
    network.setDescription({ type: 1, metadata: "", uri: null, key: null }, 0);
    network.setDescription({ ...element, metadata: null }, 0);
    expect(network.definition.format()).not.toMatch(/title|metadata/);
    expect(heard.map((each) => (each as unknown[]).slice(1))).toEqual([
      [1, null],
      [0, null],
      [2, "urn:u"],
      [1, null],
      [2, "urn:u"],
    ]);
  });

  test("are of the running network, of the one to come, or of both", () => {
    const { world } = watched();
    const network = world.networks.define(definition());
    network.create();
    const title = { type: 1, uri: null, key: null };
    network.setDescription({ ...title, metadata: "both" }, affect.LIVE | affect.CONFIG);
    network.setDescription({ ...title, metadata: "to come" }, affect.CONFIG);
    expect(network.getDescription(1, null, 0)).toBe("both");
    expect(network.getDescription(1, null, affect.CONFIG)).toBe("to come");
    // Before flags that are unknown.
    expect(() => checkNetworkRequest(1, null, affect.LIVE | affect.CONFIG | 4)).toThrow(
      expect.objectContaining({ domain: 19, str1: "virNetworkGetMetadata", str2: "ctl" }),
    );
  });

  test("are refused where they cannot be", () => {
    const { world } = watched();
    const network = world.networks.define(definition());
    expect(() => network.getDescription(1, null, 0)).toThrow(
      expect.objectContaining({ code: ErrorNumber.NO_NETWORK_METADATA, domain: 19 }),
    );
    const check = (type: number, metadata: string | null, key: string | null, uri: string | null) => () =>
      checkNetworkDescription({ type, metadata, key, uri });
    expect(check(1, "a\nb", null, null)).toThrow("newlines");
    expect(check(1, "a", null, "urn:u")).toThrow("uri in virNetworkSetMetadata must be NULL");
    expect(check(0, "a", "k", null)).toThrow("key in virNetworkSetMetadata must be NULL");
    expect(check(2, "<a/>", "k", null)).toThrow("uri in virNetworkSetMetadata must not be NULL");
    expect(check(2, "<a/>", null, "urn:u")).toThrow("key in virNetworkSetMetadata must not be NULL");
    const set = (type: number, metadata: string | null, key: string | null, uri: string | null) => () =>
      network.setDescription({ type, metadata, key, uri }, 0);
    expect(set(2, "no xml", "k", "urn:u")).toThrow(expect.objectContaining({ domain: 19 }));
    expect(set(7, "a", null, null)).toThrow("unknown metadata type '7'");
    expect(() => checkNetworkRequest(2, null, 0)).toThrow("uri in virNetworkGetMetadata must not be NULL");
  });
});

test("what later releases read or refuse", () => {
  const refused = (more: string) => expect(() => definition(more));
  refused("<title>a\nb</title>").toThrow("newlines");
  refused(`<domain name="x" register="yes"/>`).toThrow("requires 'localOnly=yes'");
  refused(`<ip address="1.2.3.4"><dhcp><bootp/></dhcp></ip>`).toThrow("'file'");
  refused(`<bandwidth><inbound average="x"/></bandwidth>`).toThrow("'average'");
  expect(definition(`<domain name="x" localOnly="yes" register="yes"/>`).format()).toContain(
    "<domain name='x' localOnly='yes' register='yes'/>",
  );
  // It needs no address of its own any more.
  expect(definition(`<forward mode="open"/>`).format()).toContain("<bridge stp='on' delay='0'/>");
});

test("an update of a network that is to come leaves what runs alone", () => {
  const { world } = watched();
  const network = world.networks.define(definition());
  network.create();
  const update = {
    command: NetworkUpdateCommand.ADD_LAST,
    section: NetworkUpdateSection.DNS_TXT,
    parentIndex: -1,
    xml: `<txt name="a" value="b"/>`,
  };
  network.update(update, affect.CONFIG);
  expect(network.definition.format()).not.toContain("txt");
  // It is there already.
  expect(() => network.update(update, affect.CONFIG)).toThrow("already a DNS TXT record");
});

test("addresses are read and reckoned with", () => {
  expect(parseIp("2001:DB8:0:0::01")).toEqual({
    family: 6,
    value: (0x20010db8n << 96n) | 1n,
    text: "2001:db8::1",
  });
  expect(parseIp("::ffff:1.2.3.4")?.value).toBe(0xffff_0102_0304n);
  expect(parseIp("1.2.3.4")?.value).toBe(0x01020304n);
  const texts = ["7", "1.2.3", "1.2.65535", "0x7f.1", "010.0.0.0x10"].map((each) => parseIp(each)?.text);
  expect(texts).toEqual(["0.0.0.7", "1.2.0.3", "1.2.255.255", "127.0.0.1", "8.0.0.16"]);
  const wrong = ["", "1.2.65536", "256.1", "08", "0x", "1.", "1.2.3.4.5", "-1", " 7", "x", "fe80::1%lo"];
  expect(wrong.filter((each) => parseIp(each))).toEqual([]);
  const prefixes = ["255.255.255.0", "0.0.0.0", "255.0.255.0"].map((each) => prefixOfNetmask(parseIp(each)!));
  expect(prefixes).toEqual([24, 0, undefined]);
});
