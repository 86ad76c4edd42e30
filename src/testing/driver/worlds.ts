import { ErrorDomain, ErrorNumber } from "../../generated/constants.js";
import { parseUri } from "../../transport/uri.js";
import { defaultWorld } from "./default-world.js";
import { driverError } from "./errors.js";
import type { World } from "./world.js";
import { readWorldFile } from "./world-file.js";

/** A world that has been opened; whoever did closes it. */
export interface OpenedWorld {
  readonly world: World;
  readonly uri: string;
  close(): void;
}

/** Which world a URI means: `test:///default` one for all who have it open, a file a new one for each. */
export class Worlds {
  #shared: { readonly world: World; users: number } | undefined;

  async open(name: string): Promise<OpenedWorld> {
    const uri = name === "" ? "test:///default" : name;
    const path = pathOf(uri);
    if (path === "" || path === "/") {
      throw driverError(ErrorNumber.INVALID_ARG, "testOpen: supply a path or use test:///default");
    }
    if (path !== "/default") return { world: await readWorldFile(path), uri, close() {} };
    this.#shared ??= { world: defaultWorld(), users: 0 };
    const shared = this.#shared;
    shared.users += 1;
    let isOpen = true;
    const close = () => {
      if (isOpen) shared.users -= 1;
      isOpen = false;
      // The last one out ends the world, and the next one in finds a new one.
      if (shared.users === 0 && this.#shared === shared) this.#shared = undefined;
    };
    return { world: shared.world, uri, close };
  }
}

function pathOf(uri: string): string {
  try {
    const { driver, path } = parseUri(uri);
    if (driver === "test") return path;
  } catch {
    // A URI that cannot be is one that no driver takes.
  }
  throw driverError(ErrorNumber.NO_CONNECT, uri, ErrorDomain.NONE);
}
