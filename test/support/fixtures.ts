/** What the builders below put into a domain's XML; libvirt fills in the rest. */
export interface DomainFixture {
  readonly name: string;
  readonly uuid?: string;
  readonly memoryKiB?: number;
  readonly vcpus?: number;
  /** Elements for `<devices>`. */
  readonly devices?: string;
}

/** A domain of the test driver, which keeps it in the daemon's memory. */
export function testDomainXML(domain: DomainFixture): string {
  return domainXML("test", domain, "<type>hvm</type>", { memoryKiB: 8192 });
}

/**
 * A real QEMU guest, and the smallest: no disk, no network, no display. Its firmware finds nothing to boot and
 * waits. Emulated rather than under KVM, so that it runs on any machine.
 */
export function qemuDomainXML(domain: DomainFixture): string {
  const os = '<type arch="x86_64" machine="pc">hvm</type>';
  return domainXML("qemu", domain, os, { memoryKiB: 32768, features: "<features><acpi/></features>" });
}

/** Text as it must be written inside an element or an attribute. */
export function escapeXML(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function domainXML(
  type: string,
  domain: DomainFixture,
  os: string,
  defaults: { readonly memoryKiB: number; readonly features?: string },
): string {
  const uuid = domain.uuid === undefined ? "" : `<uuid>${domain.uuid}</uuid>`;
  return `<domain type="${type}">
  <name>${escapeXML(domain.name)}</name>
  ${uuid}
  <memory unit="KiB">${domain.memoryKiB ?? defaults.memoryKiB}</memory>
  <vcpu>${domain.vcpus ?? 1}</vcpu>
  <os>${os}</os>
  ${defaults.features ?? ""}
  <devices>${domain.devices ?? ""}</devices>
</domain>`;
}
