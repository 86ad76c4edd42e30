import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCpuMap } from "../../codegen/cpu/read.js";
import { connect, type LibvirtError } from "../../src/index.js";
import { formatGuestCpu, readHostCpu } from "../../src/testing/driver/cpu/definition.js";
import { words } from "../../src/testing/driver/cpu/map.js";
import { X86Cpus } from "../../src/testing/driver/cpu/x86.js";
import { compareDrivers } from "../support/both-drivers.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";

// What CPUs have in common, on libvirt's test driver and on ours.

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd();
});

afterAll(() => libvirtd.stop());

const expandFeatures = 1;

function hostCpu(arch: string, model: string, vendor?: string, features: readonly string[] = []): string {
  const named = features.map((name) => `<feature name='${name}'/>`).join("");
  return `<cpu><arch>${arch}</arch><model>${model}</model>${vendor ? `<vendor>${vendor}</vendor>` : ""}${named}</cpu>`;
}

/** The daemon's models are those of its own version, so what is compared is the computation, done with its map. */
test("x86 CPUs of all models have the same in common", { timeout: 60_000 }, async () => {
  await using theirs = await connect(libvirtd.uri("test"));
  const map = readCpuMap("/usr/share/libvirt/cpu_map", "x86");
  const x86 = new X86Cpus(map);
  const cpu = fc
    .tuple(
      fc.constantFrom(...map.models.map(({ name }) => name), "unknown"),
      fc.option(fc.constantFrom(...map.vendors, "unknown"), { nil: undefined, freq: 2 }),
      fc.uniqueArray(fc.constantFrom(...words(map.features), "unknown"), { maxLength: 60 }),
    )
    .map(([model, vendor, features]) => hostCpu("x86_64", model, vendor, features));
  const ours = (xmls: readonly string[]): string => {
    const [first, ...others] = xmls.map(readHostCpu);
    if (!first) throw new Error("no CPUs");
    return formatGuestCpu(x86.baseline([first, ...others]));
  };
  await fc.assert(
    fc.asyncProperty(fc.array(cpu, { minLength: 1, maxLength: 3 }), async (xmls) => {
      expect(attempt(() => ours(xmls))).toEqual(await outcome(theirs.baselineCPU(xmls)));
    }),
    { numRuns: 300 },
  );
  // Each model by itself, which is where those come up that are only for hosts and those that lost features.
  for (const { name } of map.models) {
    const xmls = [hostCpu("x86_64", name)];
    expect(attempt(() => ours(xmls))).toEqual(await outcome(theirs.baselineCPU(xmls)));
  }
});

test("descriptions of CPUs are read, and refused, the same", async () => {
  const inner = "<arch>x86_64</arch><model>486</model>";
  const parts = [
    ...["<vendor>Intel</vendor>", "<vendor/>", "<feature name='avx'/>", "<feature/>", "<feature name=''/>"],
    ...["<feature name='avx'/><feature name='avx'/>", "<feature name='odd'/>", "<microcode version='x'/>"],
    ...["<microcode version='7'/>", "<signature/>", "<signature family='6' model='0' stepping='1'/>"],
    ...["<signature family='0' model='0' stepping='1'/>", "<signature family='6' model='x' stepping='1'/>"],
    ...[
      "<counter name='tsc' frequency='5' scaling='yes'/>",
      "<counter name='tsc'/>",
      "<counter name='odd'/>",
    ],
    ...["<counter name='tsc' frequency='5' scaling='odd'/>", "<topology/>"],
    ...["<topology sockets='1' cores='1' threads='1'/>", "<topology sockets='0' cores='1' threads='1'/>"],
    ...["<topology sockets='1' dies='0' cores='1' threads='1'/>", "<cache/>", "<cache mode='odd'/>"],
    ...[
      "<cache level='0' mode='disable'/>",
      "<cache level='-1' mode='disable'/>",
      "<cache level='3' mode='disable'/>",
    ],
    ...[
      "<cache mode='disable'/><cache mode='disable'/>",
      "<maxphysaddr/>",
      "<maxphysaddr mode='emulate' bits='-2'/>",
    ],
    ...["<maxphysaddr mode='emulate' bits='42'/>", "<numa/>"],
  ];
  const documents = [
    ...parts.map((part) => `<cpu>${inner}${part}</cpu>`),
    ...[
      "mode='custom'",
      "mode='odd'",
      "match='exact'",
      "match='odd'",
      "migratable='on'",
      "migratable='odd'",
    ].map((attribute) => `<cpu ${attribute}>${inner}</cpu>`),
    ...["<cpu/>", "<odd/>", "", "<cpu>", "<cpu><arch/><model>486</model></cpu>"],
    ...["<cpu><arch>odd</arch><model>486</model></cpu>", "<cpu><arch>x86_64</arch></cpu>"],
    "<cpu><arch>x86_64</arch><model/></cpu>",
  ];
  await compareDrivers(libvirtd, async (conn, take) => {
    for (const xml of documents) {
      await take(() => conn.baselineCPU([xml]));
      await take(() => conn.baselineCPU([xml, hostCpu("i686", "pentium")], expandFeatures));
    }
  });
});

test("architectures with few facts, and arguments that are wrong", async () => {
  await compareDrivers(libvirtd, async (conn, take) => {
    for (const arch of ["ppc64", "ppc64le", "aarch64", "armv7l", "s390x", "alpha"]) {
      for (const flags of [0, expandFeatures]) {
        await take(() => conn.baselineCPU([hostCpu(arch, "POWER8", "IBM")], flags));
        await take(() => conn.baselineCPU([hostCpu(arch, "POWER8"), hostCpu("x86_64", "POWER8")], flags));
        await take(() => conn.baselineCPU([hostCpu(arch, "POWER9"), hostCpu(arch, "POWER8")], flags));
        await take(() => conn.baselineCPU([hostCpu(arch, "POWER9", "Freescale")], flags));
        await take(() => conn.baselineCPU([hostCpu(arch, "POWER9", "odd", ["odd"])], flags));
        await take(() => conn.baselineCPU([hostCpu(arch, "odd")], flags));
      }
    }
    await take(() => conn.baselineCPU([]));
    await take(() => conn.baselineCPU([], 2));
    for (const flags of [2, 3, 8]) await take(() => conn.baselineCPU([hostCpu("x86_64", "486")], flags));
  });
});

type Outcome = string | { readonly code: number; readonly domain: number; readonly message: string };

async function outcome(answer: Promise<string>): Promise<Outcome> {
  return answer.catch(failure);
}

function attempt(compute: () => string): Outcome {
  try {
    return compute();
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Outcome {
  if (!(error instanceof Error)) throw error;
  const { code, domain } = error as LibvirtError;
  return { code, domain, message: error.message };
}
