import { fileURLToPath } from "node:url";
import type { Entry } from "./compare.js";
import { output } from "./output.js";

/** Where calls go to. */
export interface Server {
  readonly name: string;
  readonly uri: string;
  readonly socket: string;
  /** The core that it runs on, as those who call it are to; any if left out. */
  readonly core?: number;
}

/** Who makes calls: a program of the folder clients/, which says what it is able to do. */
export interface Client {
  readonly label: string;
  readonly file: string;
  /** Whether it is given the bare socket: it knows nothing of URIs. */
  readonly raw?: true;
  /** How its version is found out, which tells as well whether it is here. */
  readonly version?: readonly [command: string, ...args: string[]];
}

const python = "import libvirt; print(libvirt.getVersion())";
const perl = "print Sys::Virt->VERSION";
const native = fileURLToPath(new URL("node_modules/@unraid/libvirt/package.json", import.meta.url));
const goProgram = fileURLToPath(new URL("node_modules/.cache/go-client", import.meta.url));

export const clients = {
  virtwire: { label: "virtwire", file: "clients/virtwire.ts" },
  raw: { label: "raw socket loop", file: "clients/raw.ts", raw: true },
  promises: { label: "raw loop of promises", file: "clients/raw-promises.ts", raw: true },
  python: {
    label: "python3-libvirt",
    file: "clients/python.py",
    version: ["/usr/bin/python3", "-c", python],
  },
  perl: {
    label: "Sys::Virt",
    file: "clients/perl.pl",
    version: ["/usr/bin/perl", "-MSys::Virt", "-e", perl],
  },
  unraid: {
    label: "@unraid/libvirt",
    file: "clients/unraid.ts",
    version: ["node", "-p", `require(${JSON.stringify(native)}).version`],
  },
  go: { label: "go-libvirt", file: goProgram, version: [goProgram] },
  virsh: { label: "virsh", file: "clients/virsh.ts", version: ["virsh", "--version"] },
} as const satisfies Readonly<Record<string, Client>>;

const versions = new Map<Client, Promise<string | undefined>>();

/** A client's version, or undefined where it is not here. */
function versionOf(client: Client): Promise<string | undefined> {
  const known = versions.get(client) ?? output(...(client.version ?? ["true"]));
  versions.set(client, known);
  return known;
}

/** What each that is not ours is, for the head of the tables. */
export async function versionsOfClients(): Promise<Readonly<Record<string, string>>> {
  const others = Object.values(clients).filter((client) => "version" in client);
  const all = await Promise.all(
    others.map(async (each) => [each.label, (await versionOf(each)) ?? "not here: left out"]),
  );
  return Object.fromEntries(all);
}

/** One client's part in a comparison. */
export interface Part {
  readonly client: Client;
  readonly work: string;
  /** How many calls are in flight. */
  readonly count: number;
}

/** The parts as entries, without the clients that are not here. */
export async function entries(server: Server, parts: readonly Part[]): Promise<Entry[]> {
  const here = await Promise.all(parts.map(({ client }) => versionOf(client)));
  return parts.filter((_, i) => here[i] !== undefined).map((part) => entryOf(server, part));
}

function entryOf({ uri, socket }: Server, { client, work, count }: Part): Entry {
  const { label, file, raw } = client;
  return { label: `${label}, ${manner(count)}`, program: [file, work, String(count), raw ? socket : uri] };
}

/** How many at a time, in words. */
export const manner = (count: number) => (count === 1 ? "1 at a time" : `${count} in flight`);
