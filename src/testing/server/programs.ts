import { descriptors } from "../../protocol/generated/descriptors.js";
import { LXC_PROGRAM } from "../../protocol/generated/lxc.js";
import { QEMU_PROGRAM } from "../../protocol/generated/qemu.js";
import { REMOTE_PROGRAM } from "../../protocol/generated/remote.js";
import type { EventMessage, Procedure } from "../../protocol/procedure.js";

export type AnyProcedure = Procedure<unknown, unknown>;

/** All that can be called, by program and number. */
const programs: ReadonlyMap<number, ReadonlyMap<number, AnyProcedure>> = new Map([
  [REMOTE_PROGRAM, proceduresOf(descriptors.remote)],
  [QEMU_PROGRAM, proceduresOf(descriptors.qemu)],
  [LXC_PROGRAM, proceduresOf(descriptors.lxc)],
]);

/** The procedures of a program that libvirtd has as well. */
export function findProgram(program: number): ReadonlyMap<number, AnyProcedure> | undefined {
  return programs.get(program);
}

function proceduresOf(
  ofProgram: Readonly<Record<string, AnyProcedure | EventMessage<unknown>>>,
): Map<number, AnyProcedure> {
  return new Map(
    Object.values(ofProgram)
      .filter((descriptor) => "ret" in descriptor)
      .map((procedure) => [procedure.number, procedure]),
  );
}
