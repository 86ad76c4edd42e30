import { describe, expect, it } from "vitest";
import { type AdminConnection, connect, connectAdmin } from "../../../src/index.js";
import { PythonLibvirt } from "../../support/differential.js";
import type { Libvirtd } from "../../support/libvirtd.js";
import { Both } from "./both.js";
import { expectTooNew } from "./newer.js";
import type { World } from "./world.js";

const uriOf = (daemon: Libvirtd) => `libvirtd:///system?socket=${daemon.adminSocketPath}`;

/** The number of the client that came last to the server for libvirt's API. */
async function newestClient(admin: AdminConnection): Promise<bigint> {
  const clients = await (await admin.lookupServer("libvirtd")).listClients();
  return clients.reduce((newest, { id }) => (id > newest ? id : newest), 0n);
}

export function adminScenarios(world: () => World): void {
  describe("the administration server", () => {
    it("tells and does the same", async () => {
      const { daemons, coverage } = world();
      // A process that has used libvirt.so for anything else cannot use libvirt-admin.so.
      await using python = new PythonLibvirt();
      const [daemon, twinDaemon] = daemons;
      const ours = await connectAdmin(uriOf(daemon));
      await using twinAdmin = await connectAdmin(uriOf(twinDaemon));
      const theirs = await python.object("libvirt_admin.open", uriOf(daemon));
      const twin = await python.object("libvirt_admin.open", uriOf(twinDaemon));
      const conn = new Both(ours, theirs, twin, "admin", coverage);
      coverage.equal("virAdmConnectOpen", "admin", { value: undefined });

      await conn.read(
        "virAdmConnectGetLibVersion",
        ["virAdmConnectGetLoggingFilters", 0],
        ["virAdmConnectGetLoggingOutputs", 0],
        "virAdmConnectGetURI",
        "virAdmConnectIsAlive",
        ["virAdmConnectListServers", 0],
        ["virAdmConnectLookupServer", "nonsense", 0],
      );
      await conn.change(
        ["virAdmConnectSetLoggingFilters", "1:qemu 3:rpc", 0],
        ["virAdmConnectGetLoggingFilters", 0],
        ["virAdmConnectSetLoggingFilters", "nonsense", 0],
        ["virAdmConnectSetLoggingFilters", null, 0],
        ["virAdmConnectGetLoggingFilters", 0],
        ["virAdmConnectSetLoggingOutputs", "4:stderr", 0],
        ["virAdmConnectGetLoggingOutputs", 0],
        ["virAdmConnectSetLoggingOutputs", null, 0],
        ["virAdmConnectSetDaemonTimeout", 0, 0],
        ["virAdmConnectRegisterCloseCallback", () => {}],
        "virAdmConnectUnregisterCloseCallback",
      );

      await expectTooNew(conn, ["virAdmConnectDaemonShutdown", 0], coverage);

      const server = await conn.find("virAdmConnectLookupServer", "libvirtd", 0);
      await server.read(
        "virAdmServerGetName",
        ["virAdmServerGetClientLimits", 0],
        ["virAdmServerGetThreadPoolParameters", 0],
        ["virAdmServerListClients", 0],
        ["virAdmServerLookupClient", 999_999n, 0],
      );
      await server.change(
        ["virAdmServerSetClientLimits", { nclients_max: 777, nclients_unauth_max: 33 }, 0],
        ["virAdmServerSetClientLimits", { nclients_max: 1, nclients_unauth_max: 33 }, 0],
        ["virAdmServerSetThreadPoolParameters", { minWorkers: 2, maxWorkers: 9, prioWorkers: 3 }, 0],
        ["virAdmServerSetThreadPoolParameters", { minWorkers: 10 }, 0],
        ["virAdmServerUpdateTlsFiles", 0],
      );
      await server.read(["virAdmServerGetClientLimits", 0], ["virAdmServerGetThreadPoolParameters", 0]);

      const guest = await connect(daemon.uri("test"));
      await connect(twinDaemon.uri("test"));
      const [id, twinId] = [await newestClient(ours), await newestClient(twinAdmin)];
      const client = server.with(
        await server.callOurs("virAdmServerLookupClient", [id, 0]),
        await server.theirs.call("virAdmServerLookupClient", id, 0),
        await server.twin.call("virAdmServerLookupClient", twinId, 0),
      );
      await server.read(["virAdmServerLookupClient", id, 0]);
      await client.read("virAdmClientGetID", "virAdmClientGetTimestamp", "virAdmClientGetTransport", [
        "virAdmClientGetInfo",
        0,
      ]);
      await client.change(["virAdmClientClose", 0]);
      expect(await guest.closed).toMatchObject({ reason: "eof" });
      await conn.change("virAdmConnectClose");
    });
  });
}
