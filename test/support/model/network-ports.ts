import { NetworkPort } from "../../../src/api/network-port.js";
import type { Choices, Operations, Stage } from "./stage.js";

// libvirt's test driver has no ports, so that all of this is refused. What is looked at before is its arguments.

const uuid = "7c1b8f42-90ab-4f0e-8a52-4b7f3de19c01";
const definitions = [
  `<networkport><uuid>${uuid}</uuid><owner/></networkport>`,
  "<networkport/>",
  "<port",
  "",
];

const network = (stage: Stage, choose: Choices) =>
  stage.networks.get(choose.of(["default", "lab"]), (name) => stage.conn.networkLookupByName(name));
const port = async (stage: Stage, choose: Choices) => {
  const { connection, ref } = await network(stage, choose);
  return new NetworkPort(connection, { net: ref, uuid: new Uint8Array(16) });
};
const flags = [0, 0, 1, 2];

export const networkPortOperations: Operations = {
  createXML: async (stage, choose) =>
    (await network(stage, choose)).portCreateXML(choose.of(definitions), choose.of(flags)),
  byUuid: async (stage, choose) => (await network(stage, choose)).portLookupByUUIDString(uuid),
  listAll: async (stage, choose) => (await network(stage, choose)).listAllPorts(choose.of(flags)),
  delete: async (stage, choose) => (await port(stage, choose)).delete(choose.of(flags)),
  getXMLDesc: async (stage, choose) => (await port(stage, choose)).getXMLDesc(choose.of(flags)),
  getParameters: async (stage, choose) => (await port(stage, choose)).getParameters(choose.of(flags)),
  getDHCPLeases: async (stage, choose) =>
    (await network(stage, choose)).getDHCPLeases(choose.of([null, "52:54:00:00:00:01"]), choose.of(flags)),
};
