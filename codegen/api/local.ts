import type { ApiFunction } from "./model.js";

/** Why virtwire has no method for a function of the API, or undefined if it has one. */
export function localReason(fn: ApiFunction): string | undefined {
  if (fn.name in byName) return byName[fn.name];
  if (fn.file in byFile) return byFile[fn.file];
  if (/(Free|Ref)$/.test(fn.name)) return "memory management of C: objects are garbage-collected";
  return undefined;
}

/** Source files of C whose every function does what the language does here. */
const byFile: Readonly<Record<string, string>> = {
  virterror: "error handling of C: errors are thrown",
  "libvirt-common": "typed parameters are plain objects",
  "libvirt-event": "event loop of C: Node has its own",
};

const initialize = "initializes the C library: there is none";
const version = "version of the C library in the process: there is none";
const pump = "drives a stream by callbacks: streams are Node streams, use pipeline()";
const readiness = "readiness callbacks of C: streams are Node streams and emit events";
const process =
  "moves the calling process into a container by means of the kernel: the daemon has no part in it";

const byName: Readonly<Record<string, string>> = {
  virInitialize: initialize,
  virAdmInitialize: initialize,
  virGetVersion: version,
  virAdmGetVersion: version,
  virStreamNew: "the call that opens a stream returns it",
  virStreamSendAll: pump,
  virStreamRecvAll: pump,
  virStreamSparseSendAll: pump,
  virStreamSparseRecvAll: pump,
  virStreamEventAddCallback: readiness,
  virStreamEventUpdateCallback: readiness,
  virStreamEventRemoveCallback: readiness,
  virDomainLxcEnterCGroup: process,
  virDomainLxcEnterNamespace: process,
  virDomainLxcEnterSecurityLabel: process,
};
