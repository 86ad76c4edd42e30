import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TypedParameters } from "../../src/api/typed-params.js";
import { type AdminClient, connectAdmin, LibvirtError } from "../../src/index.js";
import type { Libvirtd } from "./libvirtd.js";

/** A client as its daemon knows it. */
export interface SeenClient {
  /** One of `ClientTransport`. */
  readonly transport: number;
  readonly info: TypedParameters;
}

/** Who is connected to a daemon, by its administration server. */
export async function clientsOf(daemon: Libvirtd): Promise<SeenClient[]> {
  await using admin = await connectAdmin(`libvirtd:///system?socket=${daemon.adminSocketPath}`);
  const server = await admin.lookupServer("libvirtd");
  const seen = await Promise.all((await server.listClients()).map(see));
  return seen.filter((client) => client !== undefined);
}

/** Undefined for one that has gone since it was listed: a daemon notices late who has hung up. */
async function see(client: AdminClient): Promise<SeenClient | undefined> {
  try {
    return { transport: client.transport, info: await client.getInfo() };
  } catch (error) {
    if (error instanceof LibvirtError && error.codeName === "NO_CLIENT") return undefined;
    throw error;
  }
}

/** How an attempt of virsh's to connect has ended: with what was found out meanwhile, or with its error. */
export type VirshOutcome<T> = { readonly value: T } | { readonly error: string };

/** Does something while virsh is connected; it gets virsh's process ID. */
export async function whileVirsh<T>(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  act: (pid: number) => Promise<T>,
): Promise<VirshOutcome<T>> {
  const { PATH = "" } = process.env;
  const virsh = spawn("virsh", args, { env: { PATH, LC_ALL: "C", HOME: "/proc/nonexistent", ...env } });
  const ended = once(virsh, "close");
  let complaints = "";
  virsh.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  virsh.stdin.on("error", () => {}); // it has failed, and says why
  const connected = new Promise<boolean>((resolve) => {
    let output = "";
    virsh.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      // What is typed is shown, too.
      if (output.includes("\nconnected\n")) resolve(true);
    });
    ended.then(() => resolve(false));
  });
  virsh.stdin.write("echo connected\n");
  try {
    return (await connected) ? { value: await act(virsh.pid!) } : { error: complaints };
  } finally {
    virsh.stdin.end();
    await ended;
  }
}
