import {
  AuthenticationError,
  ConnectionError,
  LibvirtError,
  ProtocolError,
  TimeoutError,
  UnsupportedError,
} from "../errors.js";
import { ErrorNumber } from "../generated/constants.js";
import type { MessageError } from "../protocol/generated/net.js";
import type { Procedure } from "../protocol/procedure.js";
import type { KeepAliveOptions } from "./keepalive.js";

/** The daemon's error, or ours where the daemon has never heard of the procedure. */
export function reported(error: MessageError, procedure: Named): Error {
  const reply = new LibvirtError(error, procedure.name);
  // libvirt has no error code of its own for this.
  if (error.code !== ErrorNumber.RPC || !/^unknown procedure/i.test(reply.message)) return reply;
  return unknownProcedure(procedure, reply);
}

/** Whether an error is what `reported` makes: the daemon's answer, and nothing that happened here or on the way. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof LibvirtError || error instanceof UnsupportedError;
}

type Named = Pick<Procedure<never, unknown>, "name" | "since">;

/** What calls fail with that the daemon is too old for. */
export function unknownProcedure({ name, since }: Named, cause?: LibvirtError): UnsupportedError {
  const release = since === undefined ? "a newer libvirt" : `libvirt ${since} or newer`;
  const why = `the daemon does not know ${name}: that takes ${release}`;
  return cause ? new UnsupportedError(why, { cause }) : new UnsupportedError(why);
}

export function closedByUs(): ConnectionError {
  return new ConnectionError("the connection was closed by this program");
}

export function connectionLost(peer: string, cause: Error): Error {
  const kinds = [ProtocolError, ConnectionError, AuthenticationError];
  if (kinds.some((kind) => cause instanceof kind)) return cause;
  return new ConnectionError(`the connection to ${peer} was lost: ${cause.message}`, { cause });
}

/** What calls fail with that have waited for their turn when the connection is lost. */
export function notSent(loss: Error): ConnectionError {
  return new ConnectionError(`the call was not sent: ${loss.message}`, { cause: loss, sent: false });
}

/** What calls fail with that were with the daemon when the connection was lost. */
export function perhapsDone(procedure: string, loss: Error): ConnectionError {
  return new ConnectionError(
    `${procedure} may or may not have been done, look before you repeat it: ${loss.message}`,
    { cause: loss, sent: true },
  );
}

export function noRoomToWait(peer: string, waiting: number): ConnectionError {
  return new ConnectionError(
    `the call was not sent: there is no connection to ${peer} at the moment, and ${waiting} calls wait for one already`,
    { sent: false },
  );
}

/** What calls fail with whose time is over before there is a connection again. */
export function tooLong(late: TimeoutError, peer: string, why: Error | undefined): TimeoutError {
  return new TimeoutError(
    `${late.message}: there is no connection to ${peer} at the moment (${why?.message})`,
    {
      cause: why,
    },
  );
}

export function givenUp(peer: string, attempts: number, loss: Error, cause: Error): ConnectionError {
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  return new ConnectionError(
    `the connection to ${peer} is given up after ${tries} to make it again: ${cause.message} (it was lost because ${loss.message})`,
    { cause },
  );
}

export function silent(peer: string, { interval, count }: KeepAliveOptions): ConnectionError {
  const seconds = Number((interval * (count + 1)).toFixed(3));
  return new ConnectionError(
    `${peer} has been silent for ${seconds} seconds: the connection was closed by keepalive`,
  );
}

export function unintelligible(peer: string, error: Error): Error {
  if (!(error instanceof ProtocolError)) return error;
  return new ProtocolError(`${peer} does not keep to libvirt's protocol: ${error.message}`, { cause: error });
}
