import { ConnectCloseReason } from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import { type EventSource, type SessionEvents, unnumberedSource } from "../../rpc/events.js";
import { DriverFeature } from "../../rpc/feature.js";
import { closeReason } from "../close-reason.js";
import type { Connection } from "../connection.js";
import { withJson } from "../json.js";
import type { Feed } from "./feed.js";
import { nameIn } from "./names.js";
import type { ConnectionCloseEvent } from "./types.js";

function closeEvent(reason: ConnectCloseReason): ConnectionCloseEvent {
  return withJson({ reason, reasonName: nameIn(ConnectCloseReason, reason) });
}

export async function feed(
  _connection: Connection,
  events: SessionEvents,
): Promise<Feed<ConnectionCloseEvent>> {
  const ofDaemon = unnumberedSource(
    remote.connectEventConnectionClosed,
    remote.connectRegisterCloseCallback,
    remote.connectUnregisterCloseCallback,
    undefined,
  );
  const told = await events.supports(DriverFeature.REMOTE_CLOSE_CALLBACK);
  return {
    // Whoever wants to know when a connection ends does not want it to stay open for that.
    source: { ...(told ? ofDaemon : silent(ofDaemon)), passive: true },
    read: ({ reason }) => closeEvent(reason),
    // As in C, who closes the connection is not told of it.
    last: (closed) => (closed.reason === "client" ? undefined : closeEvent(closeReason(closed))),
  };
}

/** For a daemon that does not tell when it has lost its hypervisor: there is nothing to ask it for. */
function silent<Message>(source: EventSource<Message>): EventSource<Message> {
  return { ...source, register: async () => {}, deregister: async () => {} };
}
