import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCpuMap } from "../../../codegen/cpu/read.js";
import { resolveModels } from "../../../src/testing/driver/cpu/map.js";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-cpu-map-"));
});

afterEach(() => rm(directory, { recursive: true }));

async function read(features: string, models = "") {
  const files = {
    "index.xml": `<arch name='x86'><include filename='vendors.xml'/><include filename='features.xml'/>
      <group name='all'>${[...models.matchAll(/model name='(\w+)'><decode/g)].map(([, name]) => `<include filename='${name}.xml'/>`)}</group></arch>`,
    "vendors.xml": "<vendor name='Intel' string='GenuineIntel'/>",
    "features.xml": features,
    ...Object.fromEntries(
      models.split("\n").map((model) => [`${/name='(\w+)'/.exec(model)?.[1]}.xml`, model]),
    ),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), `<cpus>${text}</cpus>`);
  }
  return readCpuMap(directory, "x86");
}

const [one, two] = [
  "<feature name='one'><cpuid eax_in='0x1' ecx='0x1'/></feature>",
  "<feature name='two'><alias name='b'/><msr index='0x1' eax='0x0' edx='0x80000000'/></feature>",
];

test("models inherit, and lose what was removed", async () => {
  const map = await read(
    one + two,
    [
      "<model name='a'><decode host='on' guest='on'/><vendor name='Intel'/><feature name='one'/><feature name='two' removed='yes'/></model>",
      "<model name='b'><decode host='on' guest='off'/><model name='a'/></model>",
      "<model name='c'><decode host='on' guest='on'/><model name='a'/><feature name='two'/><feature name='one' added='yes'/></model>",
    ].join("\n"),
  );
  expect(map.features).toBe("one two");
  expect([...resolveModels(map).values()]).toEqual([
    { name: "a", vendor: "Intel", features: new Set(["one"]), removed: ["two"], forGuests: true },
    { name: "b", vendor: "Intel", features: new Set(["one"]), removed: [], forGuests: false },
    { name: "c", vendor: "Intel", features: new Set(["one", "two"]), removed: [], forGuests: true },
  ]);
});

test("a feature that is not a bit of its own stops the generator", async () => {
  const both = "<feature name='both'><cpuid eax_in='0x1' ecx='0x6'/></feature>";
  await expect(read(one + both)).rejects.toThrow("the CPU feature both is 2 bits, and not one");
  await expect(read(one + one.replace("one", "again"))).rejects.toThrow(
    "the CPU features one and again are the same bit",
  );
  await expect(read("<feature name='none'><cpuid eax_in='0x1'/></feature>")).rejects.toThrow(
    "the CPU feature none is 0 bits",
  );
});

test("an architecture that is not there", async () => {
  await read(one);
  expect(() => readCpuMap(directory, "ppc64")).toThrow("knows no CPUs of ppc64");
});
