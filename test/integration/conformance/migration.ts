import { it } from "vitest";
import { type Connection, connect, DomainMigrateFlags } from "../../../src/index.js";
import { qemuDomainXML } from "../../support/fixtures.js";
import { Each } from "./both.js";
import { uuidFor, type World } from "./world.js";

const { OFFLINE, PERSIST_DEST, UNDEFINE_SOURCE, PEER2PEER } = DomainMigrateFlags;
const moves = OFFLINE | PERSIST_DEST | UNDEFINE_SOURCE;

/** Guests that run are compared in test/integration/migration.test.ts; here a definition travels. */
export function migrationScenarios(world: () => World): void {
  it("a domain is migrated the same way", async () => {
    const { daemons } = world();
    const conn = await world().driver("qemu");
    await conn.change(["virDomainDefineXML", qemuDomainXML({ name: "moved", uuid: uuidFor("moved") })]);
    const domain = await conn.find("virDomainLookupByName", "moved");
    await domain.twin.call("undefine");

    const [uri, otherUri] = daemons.map((daemon) => daemon.uri("qemu"));
    await using other: Connection = await connect(otherUri!);
    const there = new Each(other, undefined, conn.theirs);
    const thereUri = new Each(otherUri, undefined, uri);
    const p2p = moves | PEER2PEER;
    for (const call of [
      ["virDomainMigrate", there, moves, null, null, 0n],
      ["virDomainMigrate2", there, null, moves, null, null, 0n],
      ["virDomainMigrate3", there, {}, moves],
      ["virDomainMigrateToURI", thereUri, p2p, null, 0n],
      ["virDomainMigrateToURI2", thereUri, null, null, p2p, null, 0n],
      ["virDomainMigrateToURI3", thereUri, {}, p2p],
    ] as const) {
      await domain.thereAndBack(call);
    }
  });
}
