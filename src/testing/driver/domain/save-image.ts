import { readFile, writeFile } from "node:fs/promises";
import { ErrorNumber } from "../../../generated/constants.js";
import { driverError, systemError } from "../errors.js";
import type { DomainDefinition } from "./definition.js";
import { parseDomain } from "./read.js";

/** How the files begin that libvirt's test driver saves domains in; ours are the same. */
const magic = Buffer.from("TestGuestMagic\0");
/** As much XML as libvirt's test driver reads out of one. */
const maxXml = 8192;

/** Writes a domain's definition to a file that it can be restored from. */
export async function writeSaveImage(path: string, definition: DomainDefinition): Promise<void> {
  const xml = Buffer.from(definition.format());
  const length = Buffer.alloc(4);
  length.writeInt32LE(xml.length);
  try {
    await writeFile(path, Buffer.concat([magic, length, xml]), { mode: 0o600 });
  } catch (error) {
    throw systemError(error, `saving domain '${definition.name}' to '${path}': open failed`);
  }
}

export async function readSaveImage(path: string): Promise<DomainDefinition> {
  const image = await readFile(path).catch((error) => {
    throw systemError(error, `cannot read domain image '${path}'`);
  });
  if (image.length < magic.length) throw cutOff(`incomplete save header in '${path}'`);
  if (!image.subarray(0, magic.length).equals(magic)) throw malformed("mismatched header magic");
  if (image.length < magic.length + 4) throw cutOff(`failed to read metadata length in '${path}'`);
  const length = image.readInt32LE(magic.length);
  if (length < 1 || length > maxXml) throw malformed("length of metadata out of range");
  const xml = image.subarray(magic.length + 4, magic.length + 4 + length);
  if (xml.length < length) throw cutOff(`incomplete metadata in '${path}'`);
  return parseDomain(xml.toString("utf8"));
}

/** In C this is reported as a failure of the system's, with whatever went wrong there last. */
function cutOff(detail: string): Error {
  return driverError(ErrorNumber.SYSTEM_ERROR, detail);
}

function malformed(detail: string): Error {
  return driverError(ErrorNumber.INTERNAL_ERROR, detail);
}

/** Writes what stands for the memory of a domain. */
export async function writeCore(path: string, name: string): Promise<void> {
  try {
    await writeFile(path, magic, { mode: 0o600 });
  } catch (error) {
    throw systemError(error, `domain '${name}' coredump: failed to open ${path}`);
  }
}
