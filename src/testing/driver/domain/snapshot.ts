import { element, type XmlElement } from "../xml/element.js";
import { formatXml } from "../xml/format.js";
import type { DomainDefinition } from "./definition.js";
import type { Moment } from "./moments.js";

/** The words for a domain's states; libvirt's numbers for them are their places. */
export const snapshotStates = [
  ...(["nostate", "running", "blocked", "paused", "shutdown", "shutoff", "crashed", "pmsuspended"] as const),
  "disk-snapshot",
] as const;
export type SnapshotState = (typeof snapshotStates)[number];

/** Where what a snapshot has kept is. */
export const locations = ["no", "internal", "external", "manual"] as const;
export type Location = (typeof locations)[number];

/** A domain as it was once: what it was made of, and what it did. */
export class Snapshot implements Moment {
  readonly name: string;
  parentName: string | undefined;
  description: string | undefined;
  state: SnapshotState = "shutoff";
  /** Seconds since 1970. */
  creationTime = 0n;
  memory: Location | undefined;
  memoryFile: string | undefined;
  disks: readonly XmlElement[] = [];
  revertDisks: readonly XmlElement[] = [];
  domain: DomainDefinition | undefined;
  inactiveDomain: DomainDefinition | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether the domain ran, or would have. */
  get isOnline(): boolean {
    return this.state === "running" || this.state === "paused";
  }

  /** Whether something of it is in files of its own. */
  get isExternal(): boolean {
    return this.memory === "external" || this.disks.some((disk) => disk.attribute("snapshot") === "external");
  }

  format(domainUuid: string): string {
    const disks = (name: string, all: readonly XmlElement[]) =>
      all.length === 0 ? [] : [element(name, {}, ...all)];
    const text = (name: string, content: string | undefined) => (content ? [element(name, {}, content)] : []);
    const domain = this.domain?.xml ?? element("domain", {}, element("uuid", {}, domainUuid));
    const inactive = this.inactiveDomain && element("inactiveDomain", {}, ...this.inactiveDomain.xml.nodes);
    for (const [name, value] of this.inactiveDomain?.xml.attributes ?? [])
      inactive?.setAttribute(name, value);
    const root = element(
      "domainsnapshot",
      {},
      ...text("name", this.name),
      ...text("description", this.description),
      element("state", {}, this.state),
      ...(this.parentName === undefined ? [] : [element("parent", {}, ...text("name", this.parentName))]),
      ...(this.creationTime === 0n ? [] : text("creationTime", String(this.creationTime))),
      ...(this.memory ? [element("memory", { snapshot: this.memory, file: this.memoryFile })] : []),
      ...disks("disks", this.disks),
      ...disks("revertDisks", this.revertDisks),
      domain,
      ...(inactive ? [inactive] : []),
    );
    return formatXml(root);
  }
}
