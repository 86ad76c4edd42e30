import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { Uuid } from "../identity.js";
import { XmlElement } from "../xml/element.js";
import { formatXml } from "../xml/format.js";
import { deviceOrder, domainOrder } from "./order.js";

/**
 * What a domain is or will be made of: its XML in libvirt's order with libvirt's defaults, as `readDomain` makes it,
 * and ways to what the driver looks at. All the rest stays as it was given.
 */
export class DomainDefinition {
  readonly xml: XmlElement;
  readonly uuid: Uuid;
  /** The domain's ID while this is what runs, else -1. */
  id = -1;
  #name: string;
  /** Those virtual CPUs that were there when it was read. They stay for good, as libvirt sees it. */
  #fixedVcpus: number;

  /** `xml` has a name and a UUID. */
  constructor(xml: XmlElement) {
    this.xml = xml;
    this.#name = xml.childText("name") ?? "";
    this.uuid = xml.childText("uuid") ?? "";
    this.#fixedVcpus = this.vcpus;
  }

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = name;
    this.setText("name", name);
  }

  get title(): string | undefined {
    return this.xml.childText("title");
  }

  get description(): string | undefined {
    return this.xml.childText("description");
  }

  /** What the domain may have at most while it runs, in KiB. */
  get memory(): bigint {
    return BigInt(this.xml.childText("memory") ?? 0);
  }

  set memory(kib: bigint) {
    this.setText("memory", String(kib));
  }

  /** What it has, in KiB. */
  get currentMemory(): bigint {
    return BigInt(this.xml.childText("currentMemory") ?? 0);
  }

  set currentMemory(kib: bigint) {
    this.setText("currentMemory", String(kib));
  }

  /** What can be plugged in up to, in KiB; 0 where nothing can. */
  get pluggableMemory(): bigint {
    return BigInt(this.xml.childText("maxMemory") ?? 0);
  }

  get maxVcpus(): number {
    return Number(this.xml.childText("vcpu") ?? 1);
  }

  /** How many virtual CPUs are there. */
  get vcpus(): number {
    return Number(this.xml.child("vcpu")?.attribute("current") ?? this.maxVcpus);
  }

  setVcpus(current: number, max = this.maxVcpus): void {
    const vcpu = this.xml.ensure("vcpu", domainOrder);
    vcpu.text = String(max);
    vcpu.setAttribute("current", current === max ? undefined : current);
    this.#fixedVcpus = Math.min(this.#fixedVcpus, max);
  }

  /** Refuses what libvirt takes for a mistake when it looks a definition through again. */
  checkVcpus(): void {
    if (this.vcpus >= this.#fixedVcpus) return;
    const detail = `vcpu '${this.vcpus}' is both offline and not hotpluggable`;
    throw driverError(ErrorNumber.CONFIG_UNSUPPORTED, detail, ErrorDomain.DOMAIN);
  }

  /** What becomes of the domain by itself: `destroy`, `restart`, … */
  action(when: "on_poweroff" | "on_reboot" | "on_crash"): string {
    return this.xml.childText(when) ?? "destroy";
  }

  get devices(): XmlElement {
    return this.xml.ensure("devices", domainOrder);
  }

  /** Adds a device behind those of its kind. */
  addDevice(device: XmlElement): void {
    this.devices.place(device, deviceOrder);
  }

  /** Sets the text of an element directly inside; without text, takes the element away. */
  setText(name: string, text: string | undefined): void {
    if (text === undefined || text === "") this.xml.removeNamed(name);
    else this.xml.ensure(name, domainOrder).text = text;
  }

  clone(): DomainDefinition {
    const copy = new DomainDefinition(this.xml.clone());
    copy.id = this.id;
    return copy;
  }

  /** The XML as libvirt prints it. */
  format({ inactive = false }: { readonly inactive?: boolean } = {}): string {
    const { attributes, nodes, namespace } = this.xml;
    const [type, ...others] = attributes;
    const id = inactive || this.id === -1 ? [] : [["id", String(this.id)] as const];
    return formatXml(new XmlElement("domain", [...(type ? [type] : []), ...id, ...others], nodes, namespace));
  }
}
