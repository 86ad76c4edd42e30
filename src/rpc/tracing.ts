/**
 * What goes on, told on `node:diagnostics_channel` to those who subscribe: names and sizes, never what is said. Where
 * nobody subscribes it costs one look at whether somebody does.
 */
import { channel, type TracingChannel, tracingChannel } from "node:diagnostics_channel";
import type { Procedure } from "../protocol/procedure.js";
import { presentableUri } from "../transport/uri-syntax.js";
import { now } from "./clock.js";
import type { RpcStream, StreamClosed } from "./stream.js";

/** What something that takes time is known to have come to when it is over. */
export interface TraceEnd {
  /** Milliseconds; from when `asyncStart` is told. */
  durationMs?: number;
  /** Why it failed, if it did. */
  readonly error?: unknown;
}

/** Which connection something happens on. */
export interface TracedConnection {
  /** A number that no other connection of this process has. A connection that is made again has another. */
  readonly connection: number;
  /** Where the daemon is: `unix:/run/libvirt/libvirt-sock`, `tcp:host:16509`. */
  readonly peer: string;
}

/** The message of the tracing channel `virtwire:connect`. */
export interface ConnectTrace extends TraceEnd {
  /** Where to, without password and parameters; empty where the daemon is to choose. */
  readonly uri: string;
  /** The connection, as soon as the daemon has been reached. */
  connection?: TracedConnection["connection"];
  peer?: TracedConnection["peer"];
}

/** Which of the daemon's procedures is called. */
export interface TracedProcedure {
  /** `remote`, `qemu`, `lxc` or `admin`. */
  readonly program: string;
  /** Its name in libvirt's interface file: `REMOTE_PROC_DOMAIN_CREATE`. */
  readonly procedure: string;
  readonly number: number;
}

/** The message of the tracing channel `virtwire:call`. */
export interface CallTrace extends TracedConnection, TracedProcedure, TraceEnd {
  /** What tells it from other calls of its connection; 0 until it is made. */
  serial: number;
  /** The length of the call, and of the reply; 0 where there is none. */
  bytesSent: number;
  bytesReceived: number;
}

/** The message of the tracing channel `virtwire:stream`. The procedure and the serial are those of the call that opened it. */
export interface StreamTrace extends TracedConnection, TracedProcedure, TraceEnd {
  readonly serial: number;
  /** Of what it carried, without holes. */
  bytesSent: number;
  bytesReceived: number;
  outcome?: StreamClosed["outcome"];
}

/** The message of the channel `virtwire:event`: an event has come that somebody here wants. */
export interface EventTrace extends TracedConnection, TracedProcedure {
  readonly bytes: number;
}

type Named = Pick<Procedure<never, unknown>, "name" | "number">;

const connects = tracingChannel<unknown, ConnectTrace>("virtwire:connect");
export const calls = tracingChannel<unknown, CallTrace>("virtwire:call");
export const streams = tracingChannel<unknown, StreamTrace>("virtwire:stream");
export const events = channel("virtwire:event");

/** Whether anybody listens. Asked of each channel, because Bun has no answer for them together. */
export function isHeard<Trace extends object>({
  start,
  end,
  asyncStart,
  asyncEnd,
  error,
}: TracingChannel<unknown, Trace>): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}

/** What connects and tells of it each time: the function given, which also completes what is told. */
export function traceConnects<T>(
  uri: string,
  connect: (trace: ConnectTrace, signal: AbortSignal | undefined) => Promise<T>,
): (signal: AbortSignal | undefined) => Promise<T> {
  return (signal) => {
    const trace: ConnectTrace = { uri: presentableUri(uri) };
    const act = () => connect(trace, signal);
    return isHeard(connects) ? follow(connects, trace, act) : act();
  };
}

/** Completes what is told of connecting when there is something to talk to. */
export function reached(trace: ConnectTrace, { connection, peer }: TracedConnection): void {
  Object.assign(trace, { connection, peer });
}

/** Makes a call, and tells of it; the function completes what is told. */
export function traceCall<T>(
  connection: TracedConnection,
  procedure: Named,
  call: (trace: CallTrace) => Promise<T>,
): Promise<T> {
  const sizes = { serial: 0, bytesSent: 0, bytesReceived: 0 };
  const trace: CallTrace = { ...ids(connection, procedure), ...sizes };
  return follow(calls, trace, () => call(trace));
}

/** Tells of a stream that has been opened. */
export function traceStream(
  connection: TracedConnection,
  procedure: Named,
  serial: number,
  stream: RpcStream,
): void {
  const trace: StreamTrace = { ...ids(connection, procedure), serial, bytesSent: 0, bytesReceived: 0 };
  const end = async () => {
    const { outcome, error } = await stream.closed;
    trace.outcome = outcome;
    trace.bytesSent = stream.bytesSent;
    trace.bytesReceived = stream.bytesReceived;
    if (outcome === "failed") throw error;
  };
  follow(streams, trace, end).catch(() => {});
}

/** Tells of an event that has come. */
export function traceEvent(connection: TracedConnection, event: Named, bytes: number): void {
  const trace: EventTrace = { ...ids(connection, event), bytes };
  events.publish(trace);
}

function ids(
  { connection, peer }: TracedConnection,
  { name, number }: Named,
): TracedConnection & TracedProcedure {
  const [program = ""] = name.split("_PROC_", 1);
  return { connection, peer, program: program.toLowerCase(), procedure: name, number };
}

/**
 * Tells of something from its start to its end, which comes before anybody learns the outcome. The promise that Node
 * looks at is another one: it would put the result into the message, and that may be a secret.
 */
function follow<T, Trace extends TraceEnd>(
  channels: TracingChannel<unknown, Trace>,
  trace: Trace,
  act: () => Promise<T>,
): Promise<T> {
  const begunAt = now();
  let outcome!: Promise<T>;
  const told = channels.tracePromise(async () => {
    outcome = act();
    try {
      await outcome;
    } finally {
      trace.durationMs = now() - begunAt;
    }
  }, trace);
  const result = () => outcome;
  return told.then(result, result);
}
