import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, connect } from "../../../src/index.js";
import { PythonLibvirt } from "../../support/differential.js";
import { type Libvirtd, startLibvirtd } from "../../support/libvirtd.js";
import { Both } from "./both.js";
import { Coverage } from "./coverage.js";

/** Where both daemons' guests have their disks; a daemon sees files of its own there. */
export const images = "/var/lib/libvirt/images";

/** The same UUID on both daemons. */
export function uuidFor(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

type Driver = "test" | "qemu" | "lxc";

/** Two daemons that are alike, the two clients, and what they have been compared in. */
export class World {
  readonly coverage = new Coverage();
  readonly daemons: readonly [Libvirtd, Libvirtd];
  readonly python = new PythonLibvirt();
  readonly #connections: Connection[] = [];
  readonly #drivers = new Map<Driver, Promise<Both>>();

  private constructor(daemons: readonly [Libvirtd, Libvirtd]) {
    this.daemons = daemons;
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
    return new World(daemons);
  }

  /** Connections to both daemons' driver, which the whole suite shares. */
  driver(name: Driver): Promise<Both> {
    const connection = this.#drivers.get(name) ?? this.connect(name);
    this.#drivers.set(name, connection);
    return connection;
  }

  /** New connections to both daemons' driver. */
  async connect(driver: Driver, { readonly = false, python = this.python } = {}): Promise<Both> {
    const [uri, twinUri] = this.daemons.map((daemon) => daemon.uri(driver, { readonly })) as [string, string];
    const ours = await connect(uri, { readonly });
    this.#connections.push(ours);
    const theirs = await python.open(uri, { readonly });
    const twin = await python.open(twinUri, { readonly });
    return new Both(ours, theirs, twin, driver, this.coverage);
  }

  /** Where an image of {@link images} is in each daemon's own folder. */
  imagePaths(name: string): string[] {
    return this.daemons.map(({ directory }) => join(directory, "lib/images", name));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await this.python.close();
    await Promise.all(this.daemons.map((daemon) => daemon.stop()));
  }
}
