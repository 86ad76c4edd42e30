import type { ClientTransport } from "../generated/constants.js";
import { AdminClientMethods } from "./generated/admin-client.js";

/** A client that is connected to one of a daemon's servers. */
export class AdminClient extends AdminClientMethods {
  get id(): bigint {
    return this.ref.id;
  }

  /** When it connected, in seconds since 1970. */
  get timestamp(): bigint {
    return this.ref.timestamp;
  }

  /** How it is connected. */
  get transport(): ClientTransport {
    return this.ref.transport;
  }

  getID(): bigint {
    return this.id;
  }

  getTimestamp(): bigint {
    return this.timestamp;
  }

  getTransport(): ClientTransport {
    return this.transport;
  }

  protected override identity(): Record<string, unknown> {
    return { id: this.id, timestamp: this.timestamp, transport: this.transport };
  }

  protected override identityKey(): string {
    return `${this.ref.srv.name}/${this.id}`;
  }
}
