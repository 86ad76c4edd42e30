import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, connect, type Domain } from "../../../src/index.js";
import { connectAnew } from "../both-drivers.js";
import { normalised } from "./differences.js";
import { type Step, take } from "./operations.js";
import { Stage } from "./stage.js";

/** The first thing that is not the same. */
export interface Difference {
  /** What was done until then, the last first. */
  readonly steps: readonly string[];
  readonly theirs: string;
  readonly ours: string;
}

/** Takes the same steps on two hypervisors, one after the other, until they differ. */
export async function compareSteps(
  steps: readonly Step[],
  uris: { readonly theirs: string; readonly ours: string },
  directory: string,
): Promise<Difference | undefined> {
  await using theirs = await Side.open(uris.theirs, join(directory, "theirs"));
  await using ours = await Side.open(uris.ours, join(directory, "ours"));
  await Side.agree(theirs, ours);
  const titles: string[] = [];
  for (const step of steps) {
    const { title, result } = await theirs.take(step);
    titles.unshift(title);
    const other = await ours.take(step);
    if (result !== other.result) return { steps: titles, theirs: result, ours: other.result };
  }
  const [told, toldByUs] = [await theirs.told(), await ours.told()];
  for (let i = 0; i < Math.max(told.length, toldByUs.length); i++) {
    if (told[i] !== toldByUs[i]) {
      return { steps: titles, theirs: String(told[i]), ours: String(toldByUs[i]) };
    }
  }
  return undefined;
}

const markerUuid = "0b5bb0a3-5b1a-4b0e-8e0e-3a8b6a3b9aff";
const markerName = "marker";
/** A domain that the programs leave alone. Where it is, somebody has been; and its start comes after all before it. */
const markerXml = `<domain type="test"><name>${markerName}</name><uuid>${markerUuid}</uuid><memory>1</memory><os><type>hvm</type></os></domain>`;

/** One of the hypervisors, and all that it tells. */
class Side implements AsyncDisposable {
  readonly #conn: Connection;
  /** One that may only look. */
  readonly #looking: Connection;
  readonly #marker: Domain;
  readonly #stage: Stage;
  readonly #events: string[] = [];
  #end = () => {};

  private constructor(conn: Connection, looking: Connection, marker: Domain, directory: string) {
    this.#conn = conn;
    this.#looking = looking;
    this.#marker = marker;
    this.#stage = new Stage(conn, directory, new Stage(looking, directory));
  }

  static async open(uri: string, directory: string): Promise<Side> {
    await mkdir(directory, { recursive: true });
    const conn = await connectAnew(uri, markerName);
    const looking = await connect(uri, { readonly: true });
    const side = new Side(conn, looking, await conn.domainDefineXML(markerXml), directory);
    await side.#listen();
    return side;
  }

  /** Has both do only what the older one can. */
  static async agree(...sides: readonly Side[]): Promise<void> {
    const releases = await Promise.all(sides.map((side) => side.#conn.getLibVersion()));
    const oldest = releases.reduce((a, b) => (a < b ? a : b));
    for (const { stage } of sides.map((side) => ({ stage: side.#stage }))) {
      stage.release = oldest;
      stage.readonly!.release = oldest;
    }
  }

  async take(step: Step) {
    const { title, result } = await take(step, this.#stage);
    return { title, result: normalised(result, this.#stage.directory) };
  }

  async #listen(): Promise<void> {
    const write = (...event: readonly unknown[]) => {
      this.#events.push(normalised(event, this.#stage.directory));
    };
    await this.#conn.on("domain.lifecycle", ({ domain, event, detail }) => {
      if (domain.uuid === markerUuid) this.#end();
      else write("domain", domain.name, domain.id, event, detail);
    });
    await this.#conn.on("domain.metadataChange", ({ domain, type, nsuri }) =>
      write("metadata", domain.name, type, nsuri),
    );
    await this.#conn.on("domain.deviceAdded", ({ domain, devAlias }) =>
      write("added", domain.name, devAlias),
    );
    await this.#conn.on("domain.deviceRemoved", ({ domain, devAlias }) =>
      write("removed", domain.name, devAlias),
    );
    await this.#conn.on("network.lifecycle", ({ network, event, detail }) =>
      write("network", network.name, network.uuid, event, detail),
    );
    await this.#conn.on("storagePool.lifecycle", ({ pool, event, detail }) =>
      write("pool", pool.name, pool.uuid, event, detail),
    );
    await this.#conn.on("storagePool.refresh", ({ pool }) => write("refresh", pool.name, pool.uuid));
    await this.#conn.on("nodeDevice.lifecycle", ({ device, event, detail }) =>
      write("device", device.name, event, detail),
    );
  }

  /** All that it has told, and will have told when it tells of a last thing. */
  async told(): Promise<readonly string[]> {
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    await this.#marker.create();
    await ended;
    return this.#events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looking.close();
    await this.#conn.close();
  }
}
