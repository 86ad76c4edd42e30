import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { AdminConnection } from "../../../src/api/admin-connection.js";
import { ConnectCloseReason } from "../../../src/generated/constants.js";
import { Session } from "../../../src/rpc/session.js";
import { createMemoryPair } from "../../../src/transport/memory.js";

/** A connection, and what ends it from the other side. */
function connection() {
  const [ours, theirs] = createMemoryPair();
  return { admin: new AdminConnection(new Session(ours), "libvirtd:///system"), hangUp: () => theirs.end() };
}

test("the function that is called when the connection is lost gets the reason", async () => {
  const { admin, hangUp } = connection();
  const reasons: unknown[] = [];
  admin.registerCloseCallback((reason) => reasons.push(reason));
  expect(() => admin.registerCloseCallback(() => {})).toThrow(TypeError);
  hangUp();
  await admin.closed;
  expect(reasons).toEqual([ConnectCloseReason.EOF]);
});

test("what cannot be called is refused at once", () => {
  const { admin } = connection();
  expect(() => admin.registerCloseCallback("log" as never)).toThrow(TypeError);
});

test("what the function throws is an uncaught exception, as it is with other events", async () => {
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  onTestFinished(() => {
    for (const other of others) process.on("uncaughtException", other);
  });
  const { admin, hangUp } = connection();
  admin.registerCloseCallback(() => {
    throw new Error("mine");
  });
  hangUp();
  expect((await once(process, "uncaughtException"))[0]).toMatchObject({ message: "mine" });
});
