import { formatXml } from "../xml/format.js";
import { Contents } from "./contents.js";
import type { PoolType } from "./pool-types.js";
import { placeFormat } from "./read-parts.js";
import { targetOrder, type VolumeDefinition, volumeOrder } from "./read-volume.js";

/** A volume of a storage pool. */
export class Volume {
  readonly definition: VolumeDefinition;
  readonly name: string;
  readonly path: string;
  readonly key: string;
  readonly contents: Contents;

  /** What the definition says of its path and key counts only in a world's file; else they follow from the pool's. */
  constructor(
    definition: VolumeDefinition,
    poolPath: string,
    { isLoaded = false, contents = new Contents() } = {},
  ) {
    const { xml, name } = definition;
    this.definition = definition;
    this.name = name;
    this.path = (isLoaded && xml.childText("target", "path")) || `${poolPath || "(null)"}/${name}`;
    this.key = (isLoaded && xml.childText("key")) || this.path;
    this.contents = contents;
    xml.ensure("key", volumeOrder).text = this.key;
    xml.ensure("target", volumeOrder).ensure("path", targetOrder).text = this.path;
  }

  /** Its XML, in a pool of this type. */
  formatXml({ volumeFormats }: PoolType): string {
    const { xml, format, backingFormat } = this.definition;
    const printed = xml.clone();
    placeFormat(printed.ensure("target", volumeOrder), volumeFormats, format, targetOrder);
    const backing = printed.child("backingStore");
    if (backing) placeFormat(backing, volumeFormats, backingFormat, targetOrder);
    return formatXml(printed);
  }
}
