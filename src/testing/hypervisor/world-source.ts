import { fileURLToPath } from "node:url";
import { defaultWorld } from "../driver/default-world.js";
import type { World } from "../driver/world.js";
import { readWorld, readWorldFile } from "../driver/world-file.js";
import { type OpenedWorld, Worlds } from "../driver/worlds.js";
import { parseXml } from "../driver/xml/parse.js";
import { noSuchDriver } from "../server/refusals.js";
import { type WorldDescription, worldElement } from "./world-description.js";

/**
 * What a hypervisor has at the beginning: described in TypeScript, or by XML in the format of libvirt's test driver, as
 * text or, with a path or a `file:` URL, in a file.
 */
export type WorldSource = WorldDescription | string | { readonly file: string | URL };

/** Makes a world. Without a source it is that of `test:///default`. */
export async function createWorld(source: WorldSource | undefined): Promise<World> {
  if (source === undefined) return defaultWorld();
  if (typeof source === "string") return readWorld(parseXml(source, { what: "(world)", root: "node" }));
  if (typeof source !== "object" || source === null) {
    throw new TypeError("world: XML, an object that describes it, or { file } is wanted");
  }
  if (!("file" in source)) return readWorld(worldElement(source));
  const { file } = source;
  return readWorldFile(file instanceof URL ? fileURLToPath(file) : file);
}

/** One world, for all who open it by its own URI or by that of the test driver. */
export class OneWorld extends Worlds {
  readonly #world: World;
  readonly #uri: string;

  constructor(world: World, uri: string) {
    super();
    this.#world = world;
    this.#uri = uri;
  }

  override async open(name: string): Promise<OpenedWorld> {
    if (!["", "test:///default", this.#uri].includes(name)) throw noSuchDriver(name);
    return { world: this.#world, uri: name || this.#uri, close() {} };
  }
}
