import { ConnectCloseReason } from "../../generated/constants.js";
import * as remote from "../../protocol/generated/remote.js";
import { ownSource, unnumberedSource } from "../../rpc/event-source.js";
import type { LinkEvents, SessionEvents } from "../../rpc/events.js";
import { DriverFeature } from "../../rpc/feature.js";
import type { Closed } from "../../rpc/session.js";
import { closeReason } from "../close-reason.js";
import type { Connection } from "../connection.js";
import { withJson } from "../json.js";
import type { Feed } from "./feed.js";
import { nameIn } from "./names.js";
import type { ConnectionCloseEvent, EventMap } from "./types.js";

type OfLink = keyof LinkEvents;

const readers: {
  readonly [Name in OfLink]: (told: LinkEvents[Name]) => Omit<EventMap[`connection.${Name}`], "toJSON">;
} = {
  lost: (loss) => why(loss),
  attemptFailed: ({ attempt, error, delayMs }) => ({ attempt, error, delayMs }),
  reconnected: ({ loss, attempts, missedMs, refused }) => ({ ...why(loss), attempts, missedMs, refused }),
};

function why(closed: Closed) {
  return { ...named(closeReason(closed)), error: closed.error };
}

function named(reason: ConnectCloseReason) {
  return { reason, reasonName: nameIn(ConnectCloseReason, reason) };
}

export async function feed(
  _connection: Connection,
  events: SessionEvents,
  name: "close" | OfLink,
): Promise<Feed<unknown>> {
  return name === "close" ? closeFeed(events) : linkFeed(name);
}

function linkFeed<Name extends OfLink>(name: Name): Feed<unknown, LinkEvents[Name]> {
  return { source: ownSource(name), read: (told) => withJson(readers[name](told)) };
}

async function closeFeed(
  events: SessionEvents,
): Promise<Feed<ConnectionCloseEvent, remote.ConnectEventConnectionClosedMsg>> {
  const ofDaemon = unnumberedSource(
    remote.connectEventConnectionClosed,
    remote.connectRegisterCloseCallback,
    remote.connectUnregisterCloseCallback,
    undefined,
  );
  // Where sessions are replaced they end when the daemon tells of it, and it need not be asked another time.
  const asked = !events.lasting && (await events.supports(DriverFeature.REMOTE_CLOSE_CALLBACK));
  return {
    // Whoever wants to know when a connection ends does not want it to stay open for that.
    source: asked ? { ...ofDaemon, passive: true } : ownSource("close"),
    read: ({ reason }) => withJson(named(reason)),
    // As in C, who closes the connection is not told of it.
    last: (closed) => (closed.reason === "client" ? undefined : withJson(named(closeReason(closed)))),
  };
}
