import { channel, tracingChannel } from "node:diagnostics_channel";
import { onTestFinished } from "vitest";

/** A message as it was when it was told: later it says more. */
export type Told = Readonly<Record<string, unknown>>;

/** What is told on the tracing channel `virtwire:…` until the end of the test: phase and message, in order. */
export function watchTraces(
  name: "connect" | "call" | "stream",
): (readonly [phase: string, message: Told])[] {
  const told: (readonly [string, Told])[] = [];
  const phase = (phase: string) => (message: object) => void told.push([phase, { ...message }]);
  const subscribers = {
    start: phase("start"),
    end: phase("end"),
    asyncStart: phase("asyncStart"),
    asyncEnd: phase("asyncEnd"),
    error: phase("error"),
  };
  const traced = tracingChannel(`virtwire:${name}`);
  traced.subscribe(subscribers);
  onTestFinished(() => void traced.unsubscribe(subscribers));
  return told;
}

/** The events that are told until the end of the test. */
export function watchEvents(): Told[] {
  const told: Told[] = [];
  const subscriber = (message: unknown) => void told.push(message as Told);
  const events = channel("virtwire:event");
  events.subscribe(subscriber);
  onTestFinished(() => void events.unsubscribe(subscriber));
  return told;
}
