import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, connect } from "../../../src/index.js";
import { PythonLibvirt } from "../../support/differential.js";
import { type Libvirtd, startLibvirtd } from "../../support/libvirtd.js";
import { startOurServer, type TestDriver } from "../../support/test-drivers.js";
import { Both, Each } from "./both.js";
import { Coverage } from "./coverage.js";

/** Where both daemons' guests have their disks; a daemon sees files of its own there. */
export const images = "/var/lib/libvirt/images";

/** The same UUID on both daemons. */
export function uuidFor(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Drivers of the daemons, and `ours`: the embedded hypervisor, served twice. */
export type Driver = "test" | "qemu" | "lxc" | "ours";

/** Two daemons that are alike, the two clients, and what they have been compared in. */
export class World {
  readonly coverage = new Coverage();
  readonly daemons: readonly [Libvirtd, Libvirtd];
  readonly #servers: readonly TestDriver[];
  /** Files of those servers, which have no root directories of their own. */
  readonly #files: string;
  readonly python = new PythonLibvirt();
  readonly #connections: Connection[] = [];
  readonly #drivers = new Map<Driver, Promise<Both>>();

  private constructor(daemons: readonly [Libvirtd, Libvirtd], servers: readonly TestDriver[], files: string) {
    this.daemons = daemons;
    this.#servers = servers;
    this.#files = files;
  }

  static async start(): Promise<World> {
    const daemons = await Promise.all([
      startLibvirtd({ hostname: "one", ownNetwork: true }),
      startLibvirtd({ hostname: "other", ownNetwork: true }),
    ]);
    for (const { directory } of daemons) {
      for (const folder of ["images", "dnsmasq"])
        await mkdir(join(directory, "lib", folder), { recursive: true });
    }
    const servers = [await startOurServer(), await startOurServer()];
    return new World(daemons, servers, await mkdtemp(join(tmpdir(), "virtwire-conformance-")));
  }

  /** Connections to both daemons' driver, which the whole suite shares. */
  driver(name: Driver): Promise<Both> {
    const connection = this.#drivers.get(name) ?? this.connect(name);
    this.#drivers.set(name, connection);
    return connection;
  }

  /** New connections to both daemons' driver. */
  async connect(driver: Driver, { readonly = false, python = this.python } = {}): Promise<Both> {
    const servers: readonly TestDriver[] = driver === "ours" ? this.#servers : this.daemons;
    const [uri, twinUri] = servers.map((server) => server.uri(driver, { readonly })) as [string, string];
    const ours = await connect(uri, { readonly });
    this.#connections.push(ours);
    const theirs = await python.open(uri, { readonly });
    const twin = await python.open(twinUri, { readonly });
    // What is covered is told of libvirt's drivers.
    const coverage = driver === "ours" ? new Coverage() : this.coverage;
    return new Both(ours, theirs, twin, driver, coverage);
  }

  /** Where an image of {@link images} is in each daemon's own folder. */
  imagePaths(name: string): string[] {
    return this.daemons.map(({ directory }) => join(directory, "lib/images", name));
  }

  /** A path at which a driver may write a file: one that the twin does not write as well. */
  file(driver: Driver, name: string): string | Each {
    if (driver !== "ours") return `/var/lib/libvirt/${name}`;
    const [path, twin] = [join(this.#files, name), join(this.#files, `twin-${name}`)];
    return new Each(path, path, twin);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await this.python.close();
    await Promise.all([...this.daemons, ...this.#servers].map((server) => server.stop()));
    await rm(this.#files, { recursive: true });
  }
}
