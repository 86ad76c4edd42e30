/** Everything that the generated modules export, sorted by kind. */
import * as admin from "../../../src/protocol/generated/admin.js";
import * as keepalive from "../../../src/protocol/generated/keepalive.js";
import * as lxc from "../../../src/protocol/generated/lxc.js";
import * as net from "../../../src/protocol/generated/net.js";
import * as qemu from "../../../src/protocol/generated/qemu.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import type { EventMessage, Procedure } from "../../../src/protocol/procedure.js";
import type { Codec } from "../../../src/protocol/xdr.js";

const modules = { remote, qemu, lxc, admin, keepalive, net };
export type ModuleName = keyof typeof modules;
export const moduleNames = Object.keys(modules) as ModuleName[];

export type AnyProcedure = Procedure<unknown, unknown>;
export type AnyEvent = EventMessage<unknown>;

/** The exports that have all of `properties`, with the names that they are exported by. */
function exportsWith<T>(module: ModuleName, ...properties: (keyof T & string)[]): [string, T][] {
  return Object.entries<unknown>(modules[module]).filter(
    (entry): entry is [string, T] =>
      typeof entry[1] === "object" && properties.every((property) => property in (entry[1] as object)),
  );
}

export const codecs = (module: ModuleName): Codec<unknown>[] =>
  exportsWith<Codec<unknown>>(module, "name", "encode", "decode").map(([, codec]) => codec);

export const procedures = (module: ModuleName) => exportsWith<AnyProcedure>(module, "number", "args", "ret");

export const events = (module: ModuleName) => exportsWith<AnyEvent>(module, "number", "message");
