import type { XmlElement } from "../xml/element.js";
import type { DomainDefinition } from "./definition.js";

/** What speaks against how a domain is made, in libvirt's words. */
const taints = {
  highPrivileges: "running with undesirable elevated privileges",
  shellScripts: "network configuration using opaque shell scripts",
  cdromPassthrough: "use of host cdrom passthrough",
  customDtb: "custom device tree blob used",
  deprecatedConfig: "use of deprecated configuration settings",
} as const;

type Taint = keyof typeof taints;

/** What has been found to say about a domain. Once found it is not forgotten. */
export class Messages {
  readonly #taints = new Set<Taint>();
  readonly #deprecations = new Set<string>();

  /** Looks at a whole definition: that of a world's file. */
  check(definition: DomainDefinition): void {
    for (const device of definition.devices.children) this.checkDevice(device);
    const cpu = definition.xml.child("cpu");
    const isCustom = ["custom", undefined].includes(cpu?.attribute("mode"));
    if (isCustom && cpu?.childText("model") === "Deprecated-Test") {
      this.#taints.add("deprecatedConfig");
      this.#deprecations.add("CPU model Deprecated-Test");
    }
    if (definition.xml.child("os", "dtb")) this.#taints.add("customDtb");
  }

  checkDevice(device: XmlElement): void {
    if (device.name === "interface" && device.child("script")) this.#taints.add("shellScripts");
    if (device.attribute("rawio") === "yes" && ["disk", "hostdev"].includes(device.name)) {
      this.#taints.add("highPrivileges");
    }
    const isCdrom = device.name === "disk" && device.attribute("device") === "cdrom";
    if (isCdrom && device.attribute("type") === "block" && device.child("source")?.attribute("dev")) {
      this.#taints.add("cdromPassthrough");
    }
  }

  get tainting(): string[] {
    const found = Object.keys(taints).filter((taint) => this.#taints.has(taint as Taint));
    return found.map((taint) => `tainted: ${taints[taint as Taint]}`);
  }

  get deprecation(): string[] {
    return [...this.#deprecations].map((what) => `deprecated configuration: ${what}`);
  }
}
