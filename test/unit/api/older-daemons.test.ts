import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors.js";
import { ErrorDomain, ErrorNumber } from "../../../src/generated/constants.js";
import * as remote from "../../../src/protocol/generated/remote.js";
import { hangUp, refusal, ScriptedDaemon } from "./scripted-daemon.js";

const unknown = () => {
  throw refusal(ErrorNumber.RPC, ErrorDomain.RPC, "unknown procedure: 273");
};

const found = (id: number) => ({ dom: { name: `domain-${id}`, uuid: new Uint8Array(16), id } });

/** A daemon that lists its three domains by their IDs alone, and has this to say of the second. */
function daemonWith(second: () => typeof hangUp): ScriptedDaemon {
  return new ScriptedDaemon("test+tcp://host/default")
    .on(remote.connectListAllDomains, unknown)
    .on(remote.connectListDomains, () => ({ ids: [1, 2, 3] }))
    .on(remote.connectListDefinedDomains, () => ({ names: [] }))
    .on(remote.domainLookupById, ({ id }) => (id === 2 ? second() : found(id)));
}

describe("a list by way of older procedures", () => {
  test("leaves out what has gone meanwhile", async () => {
    const { connection } = daemonWith(() => {
      throw refusal(ErrorNumber.NO_DOMAIN, ErrorDomain.TEST, "Domain not found");
    });
    expect((await connection.listAllDomains()).map(({ id }) => id)).toEqual([1, 3]);
  });

  test("is none where the daemon has another error", async () => {
    const { connection } = daemonWith(() => {
      throw refusal(ErrorNumber.INTERNAL_ERROR, ErrorDomain.TEST, "broken");
    });
    await expect(connection.listAllDomains()).rejects.toMatchObject({ codeName: "INTERNAL_ERROR" });
  });

  test("is none where the connection is lost", async () => {
    const { connection } = daemonWith(() => hangUp);
    await expect(connection.listAllDomains()).rejects.toMatchObject({ name: "ConnectionError" });
  });

  test("blames the daemon for what it lists", async () => {
    const { connection } = new ScriptedDaemon("test+tcp://host/default")
      .on(remote.connectListAllSecrets, unknown)
      .on(remote.connectListSecrets, () => ({ uuids: ["mine"] }));
    await expect(connection.listAllSecrets()).rejects.toThrow(ProtocolError);
  });
});
