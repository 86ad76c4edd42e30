import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { execFile } from "node:child_process";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AuthenticationError, ConnectionError, type ConnectOptions, connect, connectAdmin } from "virtwire";
import type { Check, Scene } from "./check.js";

async function answers(uri: string, { libvirt }: Scene, options: ConnectOptions = {}): Promise<void> {
  await using conn = await connect(uri, options);
  const version = Number(await conn.getLibVersion());
  equal(`${Math.trunc(version / 1_000_000)}.${Math.trunc(version / 1000) % 1000}`, libvirt);
  ok((await conn.listAllStoragePools()).length >= 0);
}

const login = ({ account }: Scene) => ({ auth: account });

/** What a URI without a host or a socket leads to, where the daemon's sockets are the system's. */
async function peerOf(uri: string, { runtime, socket }: Scene): Promise<string> {
  const inside = `mkdir -p /run/libvirt && mount --bind "$0" /run/libvirt && exec "$@"`;
  const program = [...runtime, fileURLToPath(new URL("peer.js", import.meta.url)), uri];
  const args = ["--mount", "--propagation", "private", "sh", "-c", inside, dirname(socket), ...program];
  return (await promisify(execFile)("unshare", args, { timeout: 15_000 })).stdout.trim();
}

export const connecting: readonly Check[] = [
  { name: "connect by a unix socket", run: (scene) => answers(scene.uris.unix, scene) },
  {
    name: "connect for reading only",
    async run({ uris }) {
      await using conn = await connect(uris.readonly, { readonly: true });
      await rejects(conn.networkDefineXML("<network><name>no</name></network>"), { name: "LibvirtError" });
    },
  },
  {
    name: "find the socket of the daemon for QEMU, or of the one for everything (mode=auto, direct, legacy)",
    async run(scene) {
      const at = (name: string) => `unix:/var/run/libvirt/${name}`;
      const own = basename(scene.socket);
      equal(await peerOf("qemu:///system?mode=auto", scene), at(own));
      equal(await peerOf("qemu:///system?mode=legacy", scene), at("libvirt-sock"));
      const direct = peerOf("qemu:///system?mode=direct", scene);
      if (own === "virtqemud-sock") equal(await direct, at(own));
      else await rejects(direct, /ConnectionError: .*virtqemud-sock/);
    },
  },
  { name: "connect by TCP", run: (scene) => answers(scene.uris.tcp, scene) },
  {
    name: "connect by TLS, with certificates",
    run: (scene) => answers(`${scene.uris.tls}?pkipath=${scene.pki}`, scene),
  },
  {
    name: "TLS refuses a server that the authority does not vouch for",
    run: ({ uris, otherPki }) =>
      rejects(connect(`${uris.tls}?pkipath=${otherPki}&no_sanity=1`), AuthenticationError),
  },
  { name: "connect by ssh", run: (scene) => answers(scene.uris.ssh, scene) },
  { name: "connect by the package ssh2 (libssh2)", run: (scene) => answers(scene.uris.libssh2, scene) },
  { name: "connect by a program (ext)", run: (scene) => answers(scene.uris.ext, scene) },
  ...["SCRAM-SHA-256", "PLAIN"].map((mechanism) => ({
    name: `log in by SASL: ${mechanism}`,
    run: (scene: Scene) => answers(`${scene.uris.saslUnix}&auth=sasl.${mechanism}`, scene, login(scene)),
  })),
  {
    name: "log in by SASL: DIGEST-MD5, which encrypts TCP",
    async run(scene) {
      await answers(scene.uris.saslTcp, scene, login(scene));
      await using conn = await connect(scene.uris.saslTcp, login(scene));
      // Many at once, and long ones: the layer has to keep the order, and cut and join as it should.
      const all = await Promise.all(Array.from({ length: 50 }, () => conn.getCapabilities()));
      deepEqual(new Set(all).size, 1);
    },
  },
  {
    name: "a wrong password is an AuthenticationError",
    run: ({ uris, account }) =>
      rejects(connect(uris.saslUnix, { auth: { ...account, password: "wrong" } }), AuthenticationError),
  },
  {
    name: "a socket that is not there is a ConnectionError",
    run: ({ directory }) => rejects(connect(`qemu+unix:///system?socket=${directory}/none`), ConnectionError),
  },
  {
    name: "administer the daemon",
    async run({ uris }) {
      await using admin = await connectAdmin(uris.admin);
      const servers = await admin.listServers();
      ok(servers.length > 0);
      ok((await servers[0]!.getThreadPoolParameters()) !== undefined);
    },
  },
];
