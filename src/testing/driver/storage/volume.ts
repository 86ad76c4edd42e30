import { formatXml } from "../xml/format.js";
import { Contents } from "./contents.js";
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

  format(): string {
    return formatXml(this.definition.xml);
  }
}
