import { NWFilter } from "../../../src/api/nwfilter.js";
import { Secret } from "../../../src/api/secret.js";
import type { Connection } from "../../../src/index.js";
import type { Operations } from "./stage.js";

// libvirt's test driver has neither secrets nor filters, so that all of this is refused. Arguments that libvirt refuses
// before are not among them.

const uuid = "7c1b8f42-90ab-4f0e-8a52-4b7f3de19c02";

const secret = (conn: Connection) =>
  new Secret(conn, { uuid: new Uint8Array(16), usageType: 1, usageID: "/one" });
const filter = (conn: Connection) => new NWFilter(conn, { name: "x", uuid: new Uint8Array(16) });

export const secretOperations: Operations = {
  listAll: async ({ conn }) => conn.listAllSecrets(),
  list: async ({ conn }) => conn.listSecrets(),
  count: async ({ conn }) => conn.numOfSecrets(),
  define: async ({ conn }) => conn.secretDefineXML("<secret/>"),
  byUuid: async ({ conn }) => conn.secretLookupByUUIDString(uuid),
  byUsage: async ({ conn }) => conn.secretLookupByUsage(1, "x"),
  getValue: async ({ conn }) => secret(conn).getValue(),
  setValue: async ({ conn }) => secret(conn).setValue(new Uint8Array([1])),
  getXMLDesc: async ({ conn }) => secret(conn).getXMLDesc(),
  undefine: async ({ conn }) => secret(conn).undefine(),
};

export const filterOperations: Operations = {
  listAll: async ({ conn }) => conn.listAllNWFilters(),
  list: async ({ conn }) => conn.listNWFilters(),
  count: async ({ conn }) => conn.numOfNWFilters(),
  define: async ({ conn }) => conn.nwFilterDefineXML("<filter name='x'/>"),
  defineFlags: async ({ conn }) => conn.nwFilterDefineXMLFlags("<filter name='x'/>"),
  byUuid: async ({ conn }) => conn.nwFilterLookupByUUIDString(uuid),
  byName: async ({ conn }) => conn.nwFilterLookupByName("x"),
  getXMLDesc: async ({ conn }) => filter(conn).getXMLDesc(),
  undefine: async ({ conn }) => filter(conn).undefine(),
  bindings: async ({ conn }) => conn.listAllNWFilterBindings(),
  bind: async ({ conn }) => conn.nwFilterBindingCreateXML("<filter name='x'/>"),
  binding: async ({ conn }) => conn.nwFilterBindingLookupByPortDev("vnet0"),
};
