import type { Uuid } from "../identity.js";
import type { XmlElement } from "../xml/element.js";
import { formatXml } from "../xml/format.js";

/** What a network is or will be: its XML in libvirt's order with libvirt's defaults, as `readNetwork` makes it. */
export class NetworkDefinition {
  readonly xml: XmlElement;
  readonly name: string;
  readonly uuid: Uuid;

  /** `xml` has a name and a UUID. */
  constructor(xml: XmlElement) {
    this.xml = xml;
    this.name = xml.childText("name") ?? "";
    this.uuid = xml.childText("uuid") ?? "";
  }

  get bridge(): string | undefined {
    return this.xml.child("bridge")?.attribute("name");
  }

  clone(): NetworkDefinition {
    return new NetworkDefinition(this.xml.clone());
  }

  format(): string {
    return formatXml(this.xml);
  }
}
