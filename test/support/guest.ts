import { type DomainFixture, escapeXML, qemuDomainXML } from "./fixtures.js";

/** What the guest says on its serial port when it has booted. */
export const greeting = "READY\r\n";

/** The byte that turns the guest off. */
export const turnOff = "\x04";

/**
 * A guest in one boot sector, without an operating system: it greets on its serial port and answers each byte with
 * that byte, bit 5 turned over, which is the other case of a letter. So what is read was said by the guest, and not
 * echoed by something in between. 16-bit code that the firmware loads at 0x7c00.
 */
const program = [
  "31c0 8ed8 8ed0 bc007c fb", //  data and stack segment 0, stack below the code, interrupts on
  "be4d7c", //             start: the greeting's address
  "ac 84c0 7406", //       say:   its next byte; at the end go to listen
  "e81f00 ebf6", //               send it, and go on
  "f4", //                 rest:  until the clock ticks
  "b90010", //           listen:  look 4096 times
  "bafd03 ec a801 e1f8", //       whether the port has a byte
  "74f2", //                      if not, rest
  "baf803 ec", //                 take it
  "3c04 7416", //                 to turn off, go to off
  "3420 e80200 ebe4", //          turn bit 5 over, send it, and listen again
  "50 bafd03 ec a820 74f8", // send: wait until the port takes a byte
  "58 baf803 ee c3", //           give it
  "ba0406 b80020 ef f4 ebf6", // off: to the chipset's power management
].join("");

export function bootSector(): Buffer {
  const sector = Buffer.alloc(512);
  const length = sector.write(program.replaceAll(" ", ""), "hex");
  sector.write(`${greeting}\0`, length);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** A guest that boots from a disk image that begins with the sector above. */
export function serialGuestXML(domain: DomainFixture & { readonly image: string }): string {
  const disk = `<disk type="file" device="disk">
      <driver name="qemu" type="raw"/><source file="${escapeXML(domain.image)}"/><target dev="hda" bus="ide"/>
    </disk>`;
  const devices = `${disk}<serial type="pty"/><video><model type="vga"/></video>${domain.devices ?? ""}`;
  return qemuDomainXML({ ...domain, devices });
}
