import type { EventMessage } from "../../protocol/procedure.js";

/** Who a client has shown to be. */
export interface ClientIdentity {
  /** The name that it logged in with by SASL. */
  readonly saslUserName?: string;
  /** The distinguished name of its TLS certificate. */
  readonly x509Dname?: string;
}

/** A client of the server, as those see it who answer its calls. */
export interface Client {
  /** Of all clients that the server has had, the how-manieth it is, from 1. */
  readonly id: number;
  /** Whether it may look and not touch: because of the socket it came by, or because it asked for that. */
  readonly readonly: boolean;
  readonly identity: ClientIdentity;
  /** Sends an event, behind the replies that have been made before. When the client has gone it does nothing. */
  send<Message>(event: EventMessage<Message>, message: Message): void;
  /** Calls this when the connection is over, however that came. What is registered later than that is called at once. */
  onClose(callback: () => void): void;
  /** Drops the connection at once, without an answer to what is under way. */
  drop(): void;
  /** Ends the connection with the next answer: behind it or, as a daemon does that dies while it speaks, in its midst. */
  endWithAnswer(where: "behind" | "within"): void;
}

/** A client that has opened the hypervisor: `State` is what the driver keeps for it. */
export interface OpenClient<State> extends Client {
  readonly state: State;
}
