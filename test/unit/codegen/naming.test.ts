import { describe, expect, test } from "vitest";
import type { ApiEnum, ApiFunction, Library } from "../../../codegen/api/model.js";
import {
  enumName,
  functionName,
  lowerCamel,
  macroName,
  meaningfulMembers,
  memberNames,
} from "../../../codegen/emit/naming.js";

test.each([
  ["cpu_time", "cpuTime"],
  ["need_results", "needResults"],
  ["maxMem", "maxMem"],
  ["nrVirtCpu", "nrVirtCpu"],
  ["oldMAC", "oldMAC"],
  ["rd_req_2", "rdReq2"],
  ["MACString", "macString"],
  ["UUID", "uuid"],
])("lowerCamel: %s -> %s", (name, expected) => {
  expect(lowerCamel(name)).toBe(expected);
});

function fn(name: string, firstType?: string, library: Library = "libvirt"): ApiFunction {
  const args = firstType === undefined ? [] : [{ name: "first", type: firstType, enums: [] }];
  return { name, library, file: "f", since: "1.0.0", returns: "int", returnsEnum: undefined, args };
}

describe("functionName", () => {
  test.each([
    ["virDomainGetXMLDesc", "virDomainPtr", "Domain", "getXMLDesc"],
    ["virConnectListAllDomains", "virConnectPtr", "Connection", "listAllDomains"],
    ["virDomainLookupByName", "virConnectPtr", "Connection", "domainLookupByName"],
    ["virNodeGetInfo", "virConnectPtr", "Connection", "nodeGetInfo"],
    ["virNWFilterLookupByName", "virConnectPtr", "Connection", "nwFilterLookupByName"],
    ["virStorageVolCreateXML", "virStoragePoolPtr", "StoragePool", "storageVolCreateXML"],
    ["virDomainSnapshotCreateXML", "virDomainPtr", "Domain", "snapshotCreateXML"],
    ["virDomainRevertToSnapshot", "virDomainSnapshotPtr", "DomainSnapshot", "domainRevertToSnapshot"],
    ["virStoragePoolLookupByVolume", "virStorageVolPtr", "StorageVol", "storagePoolLookupByVolume"],
    ["virDomainQemuMonitorCommand", "virDomainPtr", "Domain", "qemuMonitorCommand"],
    ["virDomainPMWakeup", "virDomainPtr", "Domain", "pmWakeup"],
    ["virDomainFSFreeze", "virDomainPtr", "Domain", "fsFreeze"],
    ["virStorageVolGetXMLDesc", "virStorageVolPtr", "StorageVol", "getXMLDesc"],
    ["virDomainListGetStats", "virDomainPtr *", "Connection", "domainListGetStats"],
  ])("%s(%s) -> %s.%s", (name, type, className, method) => {
    expect(functionName(fn(name, type))).toEqual({ className, method });
  });

  test.each([
    ["virAdmConnectListServers", "virAdmConnectPtr", "AdminConnection", "listServers"],
    ["virAdmServerSetClientLimits", "virAdmServerPtr", "AdminServer", "setClientLimits"],
    ["virAdmClientClose", "virAdmClientPtr", "AdminClient", "close"],
    ["virAdmConnectOpen", "const char *", null, "connectAdmin"],
  ])("admin: %s(%s) -> %s.%s", (name, type, className, method) => {
    expect(functionName(fn(name, type, "admin"))).toEqual({ className, method });
  });

  test.each(["virConnectOpen", "virConnectOpenAuth", "virConnectOpenReadOnly"])("%s -> connect", (name) => {
    expect(functionName(fn(name, "const char *"))).toEqual({ className: null, method: "connect" });
  });

  test("nothing of ours bears a function without an object", () => {
    expect(functionName(fn("virInitialize"))).toBeUndefined();
    expect(functionName(fn("virGetVersion", "unsigned long *"))).toBeUndefined();
  });
});

test("enums and macros lose only libvirt's own prefix", () => {
  expect(enumName("virDomainCreateFlags")).toBe("DomainCreateFlags");
  expect(enumName("virIPAddrType")).toBe("IPAddrType");
  expect(macroName("VIR_DOMAIN_JOB_TIME_ELAPSED")).toBe("DOMAIN_JOB_TIME_ELAPSED");
  expect(macroName("LIBVIR_VERSION_NUMBER")).toBe("LIBVIR_VERSION_NUMBER");
});

/** An enum of members with the values 0, 1, 2 … if not given. */
function enumOf(name: string, ...members: (string | [string, number])[]): ApiEnum {
  return {
    name,
    library: "libvirt",
    file: "f",
    since: "1.0.0",
    members: members.map((member, index) => {
      const [memberName, value] = typeof member === "string" ? [member, index] : member;
      return { name: memberName, value, since: "1.0.0" };
    }),
  };
}

function names(type: ApiEnum): string[] {
  return [...memberNames(type).values()];
}

describe("memberNames", () => {
  test("drop the prefix that all members share, in whole words", () => {
    expect(names(enumOf("virDomainState", "VIR_DOMAIN_NOSTATE", "VIR_DOMAIN_RUNNING"))).toEqual([
      "NOSTATE",
      "RUNNING",
    ]);
    expect(
      names(enumOf("virDomainShutdownReason", "VIR_DOMAIN_SHUTDOWN_UNKNOWN", "VIR_DOMAIN_SHUTDOWN_USER")),
    ).toEqual(["UNKNOWN", "USER"]);
  });

  test("are keyed by the C names", () => {
    expect(memberNames(enumOf("virA", "VIR_A_B", "VIR_A_C")).get("VIR_A_C")).toBe("C");
  });

  test.each([
    ["virDomainDefineFlags", "VIR_DOMAIN_DEFINE_VALIDATE", "VALIDATE"],
    ["virNWFilterDefineFlags", "VIR_NWFILTER_DEFINE_VALIDATE", "VALIDATE"],
    ["virDomainBlockPullFlags", "VIR_DOMAIN_BLOCK_PULL_BANDWIDTH_BYTES", "BANDWIDTH_BYTES"],
    ["virDomainSetTimeFlags", "VIR_DOMAIN_TIME_SYNC", "SYNC"],
    ["virTypedParameterFlags", "VIR_TYPED_PARAM_STRING_OKAY", "STRING_OKAY"],
    ["virSecret", "VIR_SECRET", "SECRET"],
    ["virOther", "VIR_THIS_THAT", "THIS_THAT"],
  ])("an only member of %s: %s -> %s", (type, member, expected) => {
    expect(names(enumOf(type, member))).toEqual([expected]);
  });

  test("a member keeps a word of its own", () => {
    expect(names(enumOf("virA", "VIR_A_MODE", "VIR_A_MODE_FAST"))).toEqual(["MODE", "MODE_FAST"]);
  });

  test("no name starts with a digit", () => {
    expect(names(enumOf("virA", "VIR_A_BITS_32", "VIR_A_BITS_64"))).toEqual(["BITS_32", "BITS_64"]);
  });

  test("error numbers lose VIR_ERR_, the few warnings among them VIR_", () => {
    const type = enumOf(
      "virErrorNumber",
      "VIR_ERR_OK",
      "VIR_WAR_NO_NETWORK",
      "VIR_ERR_NO_DOMAIN",
      "VIR_ERR_NUMBER_LAST",
    );
    expect(names(type)).toEqual(["OK", "WAR_NO_NETWORK", "NO_DOMAIN"]);
  });

  test("the closing _LAST has no name and no say in the prefix", () => {
    expect(names(enumOf("virErrorDomain", "VIR_FROM_NONE", "VIR_FROM_XEN", "VIR_ERR_DOMAIN_LAST"))).toEqual([
      "NONE",
      "XEN",
    ]);
  });
});

describe("meaningfulMembers", () => {
  function meaningful(type: ApiEnum): string[] {
    return meaningfulMembers(type).map((member) => member.name);
  }

  test("leave out the bound, whatever it is called", () => {
    expect(meaningful(enumOf("virStat", "VIR_STAT_SWAP", ["VIR_STAT_NR", 1], ["VIR_STAT_LAST", 1]))).toEqual([
      "VIR_STAT_SWAP",
    ]);
  });

  test("keep a _LAST that means something", () => {
    const type = enumOf("virCommand", "VIR_ADD_LAST", "VIR_ADD_FIRST", "VIR_COMMAND_LAST");
    expect(meaningful(type)).toEqual(["VIR_ADD_LAST", "VIR_ADD_FIRST"]);
  });

  test("keep all members of an enum that isn't closed", () => {
    expect(meaningful(enumOf("virFlags", ["VIR_ONE", 1], ["VIR_TWO", 2]))).toEqual(["VIR_ONE", "VIR_TWO"]);
  });
});
