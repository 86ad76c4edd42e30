import * as lxc from "../../protocol/generated/lxc.js";
import * as qemu from "../../protocol/generated/qemu.js";
import * as remote from "../../protocol/generated/remote.js";
import type { Procedure } from "../../protocol/procedure.js";

export type AnyProcedure = Procedure<unknown, unknown>;

/** All that can be called, by program and number. */
const programs: ReadonlyMap<number, ReadonlyMap<number, AnyProcedure>> = new Map([
  [remote.REMOTE_PROGRAM, proceduresOf(remote)],
  [qemu.QEMU_PROGRAM, proceduresOf(qemu)],
  [lxc.LXC_PROGRAM, proceduresOf(lxc)],
]);

/** The procedures of a program that libvirtd has as well. */
export function findProgram(program: number): ReadonlyMap<number, AnyProcedure> | undefined {
  return programs.get(program);
}

function proceduresOf(module: object): Map<number, AnyProcedure> {
  return new Map(
    Object.values(module)
      .filter(isProcedure)
      .map((procedure) => [procedure.number, procedure]),
  );
}

function isProcedure(value: unknown): value is AnyProcedure {
  return typeof value === "object" && value !== null && "program" in value && "ret" in value;
}
