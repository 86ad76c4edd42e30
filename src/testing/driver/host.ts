import { hostname } from "node:os";
import { ErrorNumber } from "../../generated/constants.js";
import { driverError } from "./errors.js";
import { element, type XmlElement } from "./xml/element.js";
import { formatXml } from "./xml/format.js";

/** What `virNodeGetInfo` tells: memory in KiB, a clock rate in MHz. */
export interface NodeInfo {
  model: string;
  memory: bigint;
  cpus: number;
  mhz: number;
  nodes: number;
  sockets: number;
  cores: number;
  threads: number;
}

/** A part of the host with memory of its own, in KiB. */
export interface Cell {
  readonly memory: bigint;
  readonly free: bigint;
  readonly cpus: readonly { readonly id: number; readonly socket: number; readonly core: number }[];
}

/** The page sizes that there are, in KiB. */
const pageSizes = [4, 8, 2048, 1024 * 1024] as const;

export const defaultNodeInfo: Readonly<NodeInfo> = {
  model: "i686",
  memory: 3n * 1024n * 1024n,
  cpus: 16,
  mhz: 1400,
  nodes: 2,
  sockets: 2,
  cores: 2,
  threads: 2,
};

/** The cells of the default world's host: two with eight CPUs each, the second with twice the memory. */
export const defaultCells: readonly Cell[] = [0, 1].map((socket) => ({
  memory: BigInt(socket + 1) * 2048n * 1024n,
  free: BigInt(socket + 1) * 1024n * 1024n,
  cpus: Array.from({ length: 8 }, (_, core) => ({ id: socket * 8 + core, socket, core })),
}));

/** The machine that a world's hypervisor seems to run on. */
export class Host {
  readonly info: NodeInfo = { ...defaultNodeInfo };
  readonly cells: readonly Cell[];

  constructor(cells: readonly Cell[]) {
    this.cells = cells;
  }

  /** The real one's: that is all that is real. */
  get hostname(): string {
    return hostname();
  }

  get freeMemory(): bigint {
    return this.cells.reduce((sum, { free }) => sum + free, 0n);
  }

  /** What the cells have, from one of them on. */
  cellMemory(first: number, count: number): bigint[] {
    if (first >= this.cells.length)
      throw driverError(ErrorNumber.INVALID_ARG, "Range exceeds available cells");
    return this.cells.slice(first, first + count).map(({ memory }) => memory);
  }

  capabilities(): string {
    const host = element(
      "host",
      {},
      element(
        "cpu",
        {},
        element("arch", {}, "i686"),
        element("features", {}, element("pae"), element("nonpae")),
        ...pageSizes.map((size) => element("pages", { unit: "KiB", size })),
      ),
      element("power_management"),
      element("iommu", { support: "no" }),
      this.#topology(),
      element("secmodel", {}, element("model", {}, securityModel), withEndTag(element("doi"))),
    );
    // Unlike all other XML of libvirt's this has empty lines between its parts.
    const parts = [host, guest("hvm"), guest("xen")].map((part) => indented(formatXml(part)));
    return `<capabilities>\n\n${parts.join("\n")}\n</capabilities>\n`;
  }

  #topology(): XmlElement {
    const cells = this.cells.map(({ memory, cpus }, id) => {
      const [small, large, huge] = [id === 1 ? pageSizes[1] : pageSizes[0], pageSizes[2], pageSizes[3]];
      return element(
        "cell",
        { id },
        element("memory", { unit: "KiB" }, String(memory)),
        element("pages", { unit: "KiB", size: small }, String(memory / BigInt(small))),
        ...[large, huge].map((size) => element("pages", { unit: "KiB", size }, "0")),
        element(
          "cpus",
          { num: cpus.length },
          ...cpus.map(({ id, socket, core }) =>
            element("cpu", { id, socket_id: socket, die_id: 0, core_id: core, siblings: id }),
          ),
        ),
      );
    });
    const all = element("cells", { num: cells.length }, ...cells);
    all.block = true;
    return element("topology", {}, all);
  }
}

export const securityModel = "testSecurity";

function guest(osType: string): XmlElement {
  const arch = element(
    "arch",
    { name: "i686" },
    element("wordsize", {}, "32"),
    element("emulator", {}, "/usr/bin/test-hv"),
    element("domain", { type: "test" }),
  );
  const features = element("features", {}, element("pae"), element("nonpae"));
  return element("guest", {}, element("os_type", {}, osType), arch, features);
}

/** Empty text still makes it `<doi></doi>`. */
function withEndTag(of: XmlElement): XmlElement {
  of.nodes = [""];
  return of;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
