import { ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { DomainDefinition } from "./definition.js";
import { diskTarget } from "./find-device.js";

/** What an agent inside a guest would tell and do. Every guest has two file systems, both on its first disk. */
const mountPoints = ["/", "/boot"] as const;
type MountPoint = (typeof mountPoints)[number];

function mountPoint(path: string): MountPoint {
  const found = mountPoints.find((each) => each === path);
  if (found !== undefined) return found;
  throw driverError(ErrorNumber.OPERATION_INVALID, `mount point not found: ${path}`);
}

/** The file systems of a guest that are frozen. */
export class FrozenFileSystems {
  #frozen: ReadonlySet<MountPoint> = new Set();

  /** Freezes those that are named, or all. Returns how many of them were not frozen. */
  freeze(paths: readonly string[]): number {
    const before = this.#frozen;
    this.#frozen = new Set([...before, ...named(paths)]);
    return this.#frozen.size - before.size;
  }

  /** The reverse of {@link freeze}. */
  thaw(paths: readonly string[]): number {
    const before = this.#frozen;
    const thawed = named(paths);
    this.#frozen = new Set([...before].filter((each) => !thawed.includes(each)));
    return before.size - this.#frozen.size;
  }
}

function named(paths: readonly string[]): readonly MountPoint[] {
  return paths.length === 0 ? mountPoints : paths.map(mountPoint);
}

/** Refuses to trim what is not there; there is nothing to do otherwise. */
export function checkTrim(path: string | null): void {
  if (path !== null) mountPoint(path);
}

export interface FileSystem {
  readonly mountpoint: string;
  readonly name: string;
  readonly fstype: string;
  readonly disk: string;
}

export function fileSystems(definition: DomainDefinition): FileSystem[] {
  const first = definition.devices.childrenNamed("disk").find((disk) => disk.attribute("device") === "disk");
  if (!first) return [];
  const disk = diskTarget(first);
  return mountPoints.map((mountpoint, at) => ({
    mountpoint,
    name: `${disk}${at + 1}`,
    fstype: "ext4",
    disk,
  }));
}
