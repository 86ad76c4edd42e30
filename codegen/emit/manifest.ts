import { localReason } from "../api/local.js";
import type { Api, ApiEnum, ApiFunction, StringMacro } from "../api/model.js";
import { type Procedure, type Procedures, procedureFinder } from "../api/procedures.js";
import { enumName, functionName, macroName, memberNames } from "./naming.js";

/** What becomes of one name of libvirt's C API: what it is called here (`ts`), or why it is not needed (`local`). */
export type ManifestRow = {
  readonly c: string;
  readonly kind: "function" | "enum" | "macro";
  readonly value?: number | string;
  readonly since: string;
} & (
  | { readonly ts: string; readonly program?: string; readonly procedure?: number }
  | { readonly local: string }
);

/** The text of api-manifest.json: functions, enum members and string macros, each kind by name, a row a line. */
export function emitManifest(api: Api, procedures: Procedures): string {
  const find = procedureFinder(procedures);
  const rows = [
    ...api.functions.map((fn) => functionRow(fn, find(fn))).sort(byName),
    ...api.enums.flatMap(enumRows).sort(byName),
    ...api.strings.map(macroRow).sort(byName),
  ];
  return `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`;
}

function functionRow(fn: ApiFunction, procedure: Procedure | undefined): ManifestRow {
  const { name: c, since } = fn;
  const local = localReason(fn);
  if (local !== undefined) return { c, kind: "function", local, since };
  const name = functionName(fn);
  if (name === undefined) throw new Error(`${c}: neither a method nor a reason why none is needed`);
  const ts = name.className === null ? name.method : `${name.className}.${name.method}`;
  if (procedure !== undefined) {
    return { c, kind: "function", ts, program: procedure.program, procedure: procedure.number, since };
  }
  if (!answeredHere.test(c)) throw new Error(`${c}: no procedure is known to do this`);
  return { c, kind: "function", ts, since };
}

/** Methods that ask the daemon nothing: what an object knows of itself, and the connection's and streams' own state. */
const answeredHere = new RegExp(
  `^vir(${[
    "\\w+Get(Name|UUID|UUIDString|ID|Connect|Domain|Network)",
    "InterfaceGetMACString",
    "NWFilterBindingGet(PortDev|FilterName)",
    "SecretGetUsage(ID|Type)",
    "StorageVolGetKey",
    "Connect(IsAlive|SetKeepAlive)",
    "AdmConnect(IsAlive|GetURI|RegisterCloseCallback|UnregisterCloseCallback)",
    "AdmClientGet(Timestamp|Transport)",
    "Stream(Send|SendHole|Recv|RecvFlags|RecvHole|Finish|Abort)",
  ].join("|")})$`,
);

function enumRows(type: ApiEnum): ManifestRow[] {
  const names = memberNames(type);
  return type.members.map(({ name: c, value, since }) => {
    const name = names.get(c);
    if (name !== undefined) return { c, kind: "enum", ts: `${enumName(type.name)}.${name}`, value, since };
    return { c, kind: "enum", local: "bound of C arrays: grows with every release", value, since };
  });
}

function macroRow({ name: c, value, since }: StringMacro): ManifestRow {
  return { c, kind: "macro", ts: macroName(c), value, since };
}

function byName(a: ManifestRow, b: ManifestRow): number {
  return a.c < b.c ? -1 : 1;
}
