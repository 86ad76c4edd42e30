import { ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { archs } from "./domain/words.js";
import { driverError } from "./errors.js";

/** The CPU models that libvirt knows; `-v1..3` are three versions of one. */
const x86 = expand(
  [
    "486 486-v1 pentium pentium-v1 pentium2 pentium2-v1 pentium3 pentium3-v1 pentiumpro coreduo",
    "coreduo-v1 n270 n270-v1 core2duo core2duo-v1 qemu32 qemu32-v1 kvm32 kvm32-v1 cpu64-rhel5",
    "cpu64-rhel6 qemu64 qemu64-v1 kvm64 kvm64-v1 Conroe Conroe-v1 Penryn Penryn-v1 Nehalem Nehalem-IBRS",
    "Nehalem-v1..2 Westmere Westmere-IBRS Westmere-v1..2 SandyBridge SandyBridge-IBRS SandyBridge-v1..2",
    "IvyBridge IvyBridge-IBRS IvyBridge-v1..2 Haswell-noTSX Haswell-noTSX-IBRS Haswell Haswell-IBRS",
    "Haswell-v1..4 Broadwell-noTSX Broadwell-noTSX-IBRS Broadwell Broadwell-IBRS Broadwell-v1..4",
    "Skylake-Client Skylake-Client-IBRS Skylake-Client-noTSX-IBRS Skylake-Client-v1..4 Skylake-Server",
    "Skylake-Server-IBRS Skylake-Server-noTSX-IBRS Skylake-Server-v1..5 Cascadelake-Server",
    "Cascadelake-Server-noTSX Cascadelake-Server-v1..5 Icelake-Client Icelake-Client-noTSX",
    "Icelake-Server Icelake-Server-noTSX Icelake-Server-v1..7 Cooperlake Cooperlake-v1..2 Snowridge",
    "Snowridge-v1..4 SapphireRapids SapphireRapids-v1..3 GraniteRapids GraniteRapids-v1..2 SierraForest",
    "SierraForest-v1 Denverton Denverton-v1..3 KnightsMill KnightsMill-v1 athlon athlon-v1 phenom",
    "phenom-v1 Opteron_G1 Opteron_G1-v1 Opteron_G2 Opteron_G2-v1 Opteron_G3 Opteron_G3-v1 Opteron_G4",
    "Opteron_G4-v1 Opteron_G5 Opteron_G5-v1 EPYC EPYC-IBPB EPYC-v1..4 EPYC-Rome EPYC-Rome-v1..4",
    "EPYC-Milan EPYC-Milan-v1..2 EPYC-Genoa EPYC-Genoa-v1 Dhyana Dhyana-v1..2",
  ].join(" "),
);
const ppc64 = expand("POWER6 POWER7 POWER8 POWER9 POWER10 POWERPC_e5500 POWERPC_e6500");

const models: Readonly<Record<string, readonly string[]>> = {
  ...{ i686: x86, x86_64: x86, ppc64, ppc64le: ppc64 },
  // Of these libvirt knows that there are CPUs, and leaves the models to others.
  ...{ armv6l: [], armv7b: [], armv7l: [], aarch64: [], s390: [], s390x: [], riscv64: [], loongarch64: [] },
};

export function cpuModelNames(arch: string): readonly string[] {
  if (!archs.includes(arch)) {
    throw driverError(ErrorNumber.INVALID_ARG, `cannot find architecture ${arch}`);
  }
  const found = models[arch];
  if (found) return found;
  const detail = `'${arch}' architecture is not supported by CPU driver`;
  throw driverError(ErrorNumber.NO_SUPPORT, detail, ErrorDomain.CPU);
}

function expand(names: string): readonly string[] {
  return names.split(" ").flatMap((name) => {
    const [, base, last] = /^(.*-v)1\.\.(\d+)$/.exec(name) ?? [];
    return last === undefined ? [name] : Array.from({ length: Number(last) }, (_, at) => `${base}${at + 1}`);
  });
}
