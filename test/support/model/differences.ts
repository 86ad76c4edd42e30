import { domainUuids } from "./domains.js";
import { networkUuids } from "./networks.js";
import { poolUuids } from "./storage-pools.js";

/**
 * What the generated programs do not compare, or do not do, because it is known to differ: each a row of the table in
 * docs/test-driver.md, and how it is dealt with here.
 */
export const knownDifferences: Readonly<Record<string, string>> = {
  "Order of lists": "every list is sorted before it is compared",
  "Text of errors about malformed XML": "of those only code and domain are compared",
  "Interfaces without a MAC address": "every interface that is defined has one",
  "Characters such as `&` in attributes of interfaces": "there are none",
  "Elements that are unknown in XML": "none is defined",
  "`storageVolUpload`, `storageVolDownload`": "what comes of them is not compared, but what they change",
  "Sources of NFS on a host that is not named": "they are never looked for",
  "Arguments of a function that is refused anyway": "they are such as no function refuses",
  "`VALIDATE` of definitions": "what is validated is valid",
};

// Left out, too, is what older libvirts, with which this may be run, do otherwise than the one that ours follows:
// - Records of text in a network's DNS are not modified, which libvirt 9 refuses.
// - In messages `auth secret` is taken for `secret`, and templates are without numbers: `%1$s`.
// - Of empty elements, `<ip>` and `</ip>` on two lines are taken for `<ip/>`, and `<metadata/>` for nothing.
// - States of the host's devices are not asked for, nor adapters made whose names libvirt has to make up.
// - An active network's definition to come is not changed: in libvirt 9 it is there from then on, even if the change is
//   refused.
// - Devices do not come to running domains and go from them, where libvirt 9 has no way to.

const given = new Set([
  ...Object.values(domainUuids),
  ...Object.values(networkUuids),
  ...Object.values(poolUuids),
]);

/** A UUID as it travels. */
function uuidText(bytes: string): string {
  const digits = bytes.match(/\d+/g)?.map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return digits!.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** What is made up anew by either, and cannot be the same; and how releases write the same thing. */
const replaced: readonly (readonly [pattern: RegExp, instead: (text: string) => string])[] = [
  [/(?<="uuid": )\[(?:\s*\d+,?){16}\s*\]/g, (bytes) => `"${uuidText(bytes)}"`],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uuid) => (given.has(uuid) ? uuid : "a UUID")],
  [/5100000[0-9a-f]{9}/g, () => "a world wide name"],
  [/%\d\$/g, () => "%"],
  // Those that are given are short.
  [/<creationTime>\d{10,}/g, () => "<creationTime>now"],
  [/>(?:\\n)?\s*<\/ip>/g, () => "/>"],
  [/\b(missing|either) auth secret uuid/g, (words) => words.replace("auth ", "")],
  [/_max (?=\\?")/g, () => "_max"],
  [/\\n *<metadata\/>/g, () => ""],
];

/** What came of a step, without what may differ. */
export function normalised(result: unknown, directory: string): string {
  let text = JSON.stringify(result, undefined, 1)?.replaceAll(directory, "FOLDER") ?? "nothing";
  for (const [pattern, instead] of replaced) text = text.replaceAll(pattern, instead);
  return text;
}
