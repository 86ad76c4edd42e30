import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "../src/index.js";
import { startLibvirtd } from "../test/support/libvirtd.js";
import { compare, type Entry, type Result, type Subject } from "./compare.js";

const MiB = 2 ** 20;
const size = 256;

/** A volume up and down, beside virsh, and how long a call takes meanwhile. */
export async function measureStreams(): Promise<Result[]> {
  await using daemon = await startLibvirtd();
  const uri = daemon.uri("qemu");
  await using conn = await connect(uri);
  // The daemon sees its directory under another name.
  await mkdir(join(daemon.directory, "lib/pool"));
  const pool = await conn.storagePoolCreateXML(
    "<pool type='dir'><name>bench</name><target><path>/var/lib/libvirt/pool</path></target></pool>",
  );
  await pool.storageVolCreateXML(
    `<volume><name>volume</name><capacity unit="MiB">${size}</capacity></volume>`,
  );
  const file = join(daemon.directory, "file");
  await writeFile(file, Buffer.alloc(size * MiB, "virtwire"));

  const virtwire = (work: string): Entry => ({
    label: `virtwire, ${work}`,
    program: ["streams-virtwire.ts", work, uri, file],
  });
  const virsh = (work: string): Entry => ({
    label: `virsh ${work}`,
    program: ["streams-virsh.ts", work, uri, file],
  });
  return [
    await compare(transfer("upload"), [
      virtwire("sendFile"),
      virtwire("upload pipeline"),
      virsh("vol-upload"),
    ]),
    await compare(transfer("download"), [
      virtwire("receiveFile"),
      virtwire("download pipeline"),
      virsh("vol-download"),
    ]),
    await compare({ title: "a call while a volume comes down", item: "call", sliceMs: 1000 }, [
      virtwire("calls meanwhile"),
      virtwire("calls alone"),
    ]),
  ];
}

const transfer = (direction: string): Subject => ({
  title: `${direction} a volume of ${size} MiB`,
  item: "MiB",
  // One transfer, as it is longer than this.
  sliceMs: 1,
  // Rounds differ by a quarter, by what else the machine and its disk do; a few say 0.8 of what is 1.1 of many.
  seconds: 25,
});
