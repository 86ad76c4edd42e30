import { ConnectCloseReason } from "../generated/constants.js";
import type { Closed } from "../rpc/session.js";

/** C's number for the reason why a connection is over. */
export function closeReason({ reason }: Closed): ConnectCloseReason {
  switch (reason) {
    case "client":
      return ConnectCloseReason.CLIENT;
    case "eof":
      return ConnectCloseReason.EOF;
    case "error":
      return ConnectCloseReason.ERROR;
    case "keepalive":
      return ConnectCloseReason.KEEPALIVE;
  }
}
