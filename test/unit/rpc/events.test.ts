import { describe, expect, test } from "vitest";
import { ConnectionError, LibvirtError, ProtocolError } from "../../../src/errors.js";
import {
  connectDomainEventCallbackDeregisterAny,
  connectDomainEventCallbackRegisterAny,
  connectDomainEventDeregister,
  connectDomainEventRegister,
  connectSupportsFeature,
  domainEventCallbackLifecycle,
  domainEventCallbackReboot,
  domainEventLifecycle,
} from "../../../src/protocol/generated/remote.js";
import {
  type EventSource,
  type Numbered,
  numberedSource,
  unnumberedSource,
} from "../../../src/rpc/event-source.js";
import { type EventSubscription, SessionEvents } from "../../../src/rpc/events.js";
import type { Closed } from "../../../src/rpc/session.js";
import { settle } from "../transport/recorder.js";
import { uuid } from "./calls.js";
import { type Conversation, converse, exchange } from "./conversation.js";
import { argumentsOf, errorTo, eventFrame, type Frame, joined, replyTo } from "./peer.js";

const register = connectDomainEventCallbackRegisterAny;
const deregister = connectDomainEventCallbackDeregisterAny;

const dom = (name: string) => ({ name, uuid, id: 1 });

/** Lifecycle events of all domains, or under another key those of what would be one. */
const lifecycle = (key = "all") =>
  numberedSource(key, domainEventCallbackLifecycle, register, { eventID: 0, dom: null }, deregister);

const reboot = numberedSource(
  "reboot",
  domainEventCallbackReboot,
  register,
  { eventID: 1, dom: null },
  deregister,
);

const unnumbered = unnumberedSource(
  domainEventLifecycle,
  connectDomainEventRegister,
  connectDomainEventDeregister,
  undefined,
);

/** An event of one registration; `name` tells it from others. */
const event = (callbackID: number, name: string) =>
  eventFrame(domainEventCallbackLifecycle, { callbackID, msg: { dom: dom(name), event: 2, detail: 0 } });

const accept = (call: Frame, callbackID: number) => replyTo(call, register, { callbackID });
const agree = (call: Frame) => replyTo(call, deregister, undefined);

/** A conversation, and what is subscribed to in it. */
function eventful() {
  const both = converse();
  return { ...both, events: new SessionEvents(both.session) };
}

/** The numbers of the procedures that the daemon has been called for, in order. */
const called = ({ peer }: Conversation) => peer.frames.map(({ header }) => header.proc);

interface Seen extends EventSubscription {
  /** The names in the messages that came. */
  readonly names: string[];
  readonly ends: Closed[];
}

type DomainMessage = { readonly msg: { readonly dom: { readonly name: string } } };

function watch<Message extends Numbered & DomainMessage>(
  events: SessionEvents,
  source: EventSource<Message>,
  onName: (name: string) => void = () => {},
): Seen {
  const names: string[] = [];
  const ends: Closed[] = [];
  const subscription = events.subscribe(source, {
    deliver: ({ msg }) => {
      names.push(msg.dom.name);
      onName(msg.dom.name);
    },
    ended: (closed) => ends.push(closed),
  });
  return { ...subscription, names, ends };
}

/** Subscribes, and has the daemon agree. */
async function subscribed(
  both: ReturnType<typeof eventful>,
  callbackID: number,
  key?: string,
): Promise<Seen> {
  const seen = watch(both.events, lifecycle(key));
  both.peer.send(accept(await both.peer.next(), callbackID));
  await seen.ready;
  return seen;
}

describe("a registration", () => {
  test("is shared: the first subscriber registers, the last one deregisters", async () => {
    const both = eventful();
    const first = watch(both.events, lifecycle());
    const second = watch(both.events, lifecycle());
    const call = await both.peer.next();
    expect(argumentsOf(call, register)).toEqual({ eventID: 0, dom: null });
    both.peer.send(accept(call, 5), event(5, "a"));
    await Promise.all([first.ready, second.ready]);
    const third = watch(both.events, lifecycle());
    await third.ready;
    both.peer.send(event(5, "b"));
    await settle();
    expect([first.names, second.names, third.names]).toEqual([["a", "b"], ["a", "b"], ["b"]]);

    await Promise.all([first.cancel(), third.cancel()]);
    both.peer.send(event(5, "c"));
    await settle();
    expect([first.names, second.names, third.names]).toEqual([["a", "b"], ["a", "b", "c"], ["b"]]);
    expect(called(both)).toEqual([316]);

    const ended = second.cancel();
    const farewell = await both.peer.next();
    expect(argumentsOf(farewell, deregister)).toEqual({ callbackID: 5 });
    both.peer.send(agree(farewell));
    await ended;
    expect(called(both)).toEqual([316, 317]);
  });

  test("is another one for other objects, and has its own events", async () => {
    const both = eventful();
    const all = await subscribed(both, 0);
    const one = await subscribed(both, 1, "one");
    both.peer.send(event(0, "x"), event(1, "x"), event(0, "y"), event(2, "nobody's"));
    await settle();
    expect([all.names, one.names]).toEqual([["x", "y"], ["x"]]);
    const ended = all.cancel();
    const call = await both.peer.next();
    expect(argumentsOf(call, deregister)).toEqual({ callbackID: 0 });
    both.peer.send(agree(call), event(1, "z"));
    await ended;
    expect(one.names).toEqual(["x", "z"]);
  });

  test("is known by its ID among those of its kind", async () => {
    const both = eventful();
    const lives = await subscribed(both, 3);
    const reboots = watch(both.events, reboot);
    both.peer.send(accept(await both.peer.next(), 3));
    await reboots.ready;
    both.peer.send(
      event(3, "life"),
      eventFrame(domainEventCallbackReboot, { callbackID: 3, msg: { dom: dom("reboot") } }),
    );
    await settle();
    expect([lives.names, reboots.names]).toEqual([["life"], ["reboot"]]);
  });

  test("that is refused is asked for anew by each subscriber", async () => {
    const both = eventful();
    const first = watch(both.events, lifecycle());
    const second = watch(both.events, lifecycle());
    both.peer.send(errorTo(await both.peer.next(), { code: 1, message: "unsupported event ID 0" }));
    await expect(first.ready).rejects.toThrow("unsupported event ID 0");
    both.peer.send(accept(await both.peer.next(), 1), event(1, "a"));
    await second.ready;
    expect([first.names, second.names]).toEqual([[], ["a"]]);
    expect(called(both)).toEqual([316, 316]);
  });

  test("that nobody waits for any more when it stands is ended", async () => {
    const both = eventful();
    const seen = watch(both.events, lifecycle());
    const call = await both.peer.next();
    const ended = seen.cancel();
    both.peer.send(accept(call, 9), event(9, "a"));
    const farewell = await both.peer.next();
    expect(argumentsOf(farewell, deregister)).toEqual({ callbackID: 9 });
    both.peer.send(agree(farewell));
    await Promise.all([seen.ready, ended]);
    expect(seen.names).toEqual([]);
  });

  test("that was not even begun is not begun", async () => {
    const both = eventful();
    const seen = watch(both.events, lifecycle());
    await Promise.all([seen.cancel(), seen.ready]);
    expect(await exchange(both)).toBe("here");
    expect(called(both)).not.toContain(316);
  });

  test("waits for the end of the one before: the daemon refuses to have two", async () => {
    const both = eventful();
    const first = await subscribed(both, 1);
    const ended = first.cancel();
    const farewell = await both.peer.next();
    const second = watch(both.events, lifecycle());
    await settle();
    expect(called(both)).toEqual([316, 317]);
    both.peer.send(agree(farewell));
    await ended;
    both.peer.send(accept(await both.peer.next(), 2), event(1, "late"), event(2, "new"));
    await second.ready;
    expect([first.names, second.names]).toEqual([[], ["new"]]);
  });

  test("stays for whoever came while its end was only planned", async () => {
    const both = eventful();
    const first = await subscribed(both, 1);
    const ended = first.cancel();
    const second = watch(both.events, lifecycle());
    await Promise.all([ended, second.ready]);
    both.peer.send(event(1, "a"));
    await settle();
    expect(second.names).toEqual(["a"]);
    expect(called(both)).toEqual([316]);
  });

  test("that the daemon does not end is over all the same", async () => {
    const both = eventful();
    const first = await subscribed(both, 1);
    const ended = first.cancel();
    both.peer.send(errorTo(await both.peer.next(), { code: 8, message: "no callback 1" }));
    await expect(ended).rejects.toThrow(LibvirtError);
    const second = watch(both.events, lifecycle());
    both.peer.send(accept(await both.peer.next(), 2), event(1, "old"), event(2, "new"));
    await second.ready;
    expect(second.names).toEqual(["new"]);
  });

  test("is not ended twice", async () => {
    const both = eventful();
    const first = await subscribed(both, 1);
    const second = watch(both.events, lifecycle());
    await second.ready;
    await first.cancel();
    await first.cancel();
    both.peer.send(event(1, "a"));
    await settle();
    expect(second.names).toEqual(["a"]);
  });
});

test("who cancels twice ends nobody else's registration", async () => {
  const both = eventful();
  const first = await subscribed(both, 1);
  const ended = first.cancel();
  both.peer.send(agree(await both.peer.next()));
  await ended;
  const second = await subscribed(both, 2);
  await first.cancel();
  const third = watch(both.events, lifecycle());
  await third.ready;
  both.peer.send(event(2, "a"));
  await settle();
  expect([first.names, second.names, third.names]).toEqual([[], ["a"], ["a"]]);
  expect(called(both)).toEqual([316, 317, 316]);
});

describe("no event is lost", () => {
  test("that comes in one piece with the reply", async () => {
    const both = eventful();
    const seen = watch(both.events, lifecycle());
    const call = await both.peer.next();
    const many = Array.from({ length: 12_000 }, (_, index) => event(4, String(index)));
    both.peer.send(accept(call, 4), ...many);
    await seen.ready;
    expect(seen.names).toEqual(many.map((_, index) => String(index)));
  });

  test("that comes ahead of the reply, among others", async () => {
    const both = eventful();
    const first = watch(both.events, lifecycle());
    const second = watch(both.events, lifecycle("one"));
    const [one, two] = [await both.peer.next(), await both.peer.next()];
    both.peer.send(event(8, "a"), event(7, "b"), event(6, "nobody's"));
    await settle();
    both.peer.send(event(8, "c"), accept(two, 8), event(7, "d"), event(8, "e"));
    await second.ready;
    expect([first.names, second.names]).toEqual([[], ["a", "c", "e"]]);
    both.peer.send(accept(one, 7), event(7, "f"));
    await first.ready;
    expect(first.names).toEqual(["b", "d", "f"]);
  });

  test("when every byte comes by itself", async () => {
    const both = eventful();
    const seen = watch(both.events, lifecycle());
    const bytes = joined(accept(await both.peer.next(), 4), event(4, "a"), event(4, "b"));
    for (const byte of bytes) both.peer.send(Uint8Array.of(byte));
    await seen.ready;
    await settle();
    expect(seen.names).toEqual(["a", "b"]);
  });

  test("but what comes for a registration that has ended", async () => {
    const both = eventful();
    const first = await subscribed(both, 1);
    const ended = first.cancel();
    const farewell = await both.peer.next();
    const second = watch(both.events, lifecycle());
    both.peer.send(event(1, "a"), agree(farewell));
    await ended;
    both.peer.send(event(1, "b"), accept(await both.peer.next(), 2));
    await second.ready;
    both.peer.send(event(1, "c"));
    expect(await exchange(both)).toBe("here");
    // While the old registration stands, whoever waits for the same may have what is sent for it.
    expect([first.names, second.names]).toEqual([[], ["a"]]);
  });
});

describe("a daemon that is not one", () => {
  test("cannot fill the memory with events that nobody asked for", async () => {
    const { events, peer, session } = eventful();
    const seen = watch(events, lifecycle());
    await peer.next();
    const long = "x".repeat(1024 * 1024);
    peer.send(...Array.from({ length: 4 }, () => event(1, long)));
    await expect(seen.ready).rejects.toThrow(ProtocolError);
    expect(await session.closed).toMatchObject({ reason: "error" });
    expect((await session.closed).error.message).toMatch(/more than 4194304 bytes .*CALLBACK_LIFECYCLE/);
  });

  test("cannot give an ID twice", async () => {
    const both = eventful();
    const first = await subscribed(both, 1);
    const second = watch(both.events, lifecycle("one"));
    both.peer.send(accept(await both.peer.next(), 1));
    await expect(second.ready).rejects.toThrow(ProtocolError);
    both.peer.send(event(1, "a"));
    await settle();
    expect([first.names, second.names]).toEqual([["a"], []]);
  });
});

describe("subscribers", () => {
  test("who come while an event is delivered do not get it, and those who go get it no more", async () => {
    const both = eventful();
    const later: Seen[] = [];
    const first = watch(both.events, lifecycle(), (name) => {
      if (name !== "a") return;
      later.push(watch(both.events, lifecycle()));
      second.cancel();
    });
    const second = watch(both.events, lifecycle());
    both.peer.send(accept(await both.peer.next(), 1), event(1, "a"), event(1, "b"));
    await first.ready;
    await settle();
    expect([first.names, second.names, later[0]?.names]).toEqual([["a", "b"], [], ["b"]]);
  });

  test("keep the process running, until the last has gone", async () => {
    const both = eventful();
    const seen = await subscribed(both, 1);
    const other = watch(both.events, lifecycle());
    await other.ready;
    expect(both.pipe.keepsRunning).toBe(true);
    await seen.cancel();
    await seen.cancel();
    expect(both.pipe.keepsRunning).toBe(true);
    const ended = other.cancel();
    both.peer.send(agree(await both.peer.next()));
    await ended;
    expect(both.pipe.keepsRunning).toBe(false);
  });

  test("whom the daemon refuses do not, and those who merely look on neither", async () => {
    const both = eventful();
    const refused = watch(both.events, lifecycle());
    both.peer.send(errorTo(await both.peer.next(), { code: 1, message: "no" }));
    await expect(refused.ready).rejects.toThrow("no");
    expect(both.pipe.keepsRunning).toBe(false);
    const passive = watch(both.events, { ...lifecycle(), passive: true });
    both.peer.send(accept(await both.peer.next(), 1));
    await passive.ready;
    expect(both.pipe.keepsRunning).toBe(false);
  });

  test("are told when the connection is lost, those who wait for the daemon too", async () => {
    const both = eventful();
    const active = await subscribed(both, 1);
    const waiting = watch(both.events, lifecycle("one"));
    await both.peer.next();
    both.peer.end();
    await expect(waiting.ready).rejects.toThrow(ConnectionError);
    const closed = await both.session.closed;
    expect([active.ends, waiting.ends]).toEqual([[closed], [closed]]);
    await expect(watch(both.events, lifecycle()).ready).rejects.toBe(closed.error);
    await active.cancel();
  });

  test("cannot end what the connection has ended", async () => {
    const both = eventful();
    const seen = await subscribed(both, 1);
    const ended = seen.cancel();
    await both.peer.next();
    both.peer.destroy();
    await expect(ended).rejects.toThrow(ConnectionError);
    expect(seen.ends).toEqual([]);
  });
});

describe("events without IDs", () => {
  const old = (name: string) => eventFrame(domainEventLifecycle, { dom: dom(name), event: 2, detail: 0 });

  function watchOld(events: SessionEvents) {
    const names: string[] = [];
    const subscription = events.subscribe(unnumbered, {
      deliver: (message) => names.push(message.dom.name),
      ended: () => {},
    });
    return { ...subscription, names };
  }

  test("have one registration, and come from the moment that it is asked for", async () => {
    const both = eventful();
    const first = watchOld(both.events);
    const second = watchOld(both.events);
    const call = await both.peer.next();
    both.peer.send(old("a"), replyTo(call, connectDomainEventRegister, { cbRegistered: 1 }), old("b"));
    await Promise.all([first.ready, second.ready]);
    expect([first.names, second.names]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    await first.cancel();
    const ended = second.cancel();
    const farewell = await both.peer.next();
    both.peer.send(old("c"), replyTo(farewell, connectDomainEventDeregister, { cbRegistered: 0 }), old("d"));
    await ended;
    expect(called(both)).toEqual([105, 106]);
    expect(second.names).toEqual(["a", "b"]);
  });

  test("can be asked for again when the daemon has refused", async () => {
    const both = eventful();
    const refused = watchOld(both.events);
    both.peer.send(errorTo(await both.peer.next(), { code: 3, message: "not supported" }));
    await expect(refused.ready).rejects.toThrow("not supported");
    const again = watchOld(both.events);
    const call = await both.peer.next();
    both.peer.send(replyTo(call, connectDomainEventRegister, { cbRegistered: 1 }), old("a"));
    await again.ready;
    expect([refused.names, again.names]).toEqual([[], ["a"]]);
  });
});

describe("features", () => {
  test("are asked for once each", async () => {
    const { events, peer } = eventful();
    const answers = [events.supports(14), events.supports(15), events.supports(14)];
    const calls = [await peer.next(), await peer.next()];
    expect(calls.map((call) => argumentsOf(call, connectSupportsFeature).feature)).toEqual([14, 15]);
    peer.send(
      replyTo(calls[1]!, connectSupportsFeature, { supported: 0 }),
      replyTo(calls[0]!, connectSupportsFeature, { supported: 1 }),
    );
    expect(await Promise.all(answers)).toEqual([true, false, true]);
    expect(await events.supports(15)).toBe(false);
    expect(peer.frames).toHaveLength(2);
  });

  test("that a daemon cannot be asked for it does not have", async () => {
    const { events, peer } = eventful();
    const answers = [events.supports(14), events.supports(15)];
    peer.send(errorTo(await peer.next(), { code: 3, message: "this function is not supported" }));
    peer.send(errorTo(await peer.next(), { code: 39, domain: 7, message: "unknown procedure: 60" }));
    expect(await Promise.all(answers)).toEqual([false, false]);
  });

  test("are not known when the connection is lost", async () => {
    const { events, peer } = eventful();
    const answer = events.supports(14);
    await peer.next();
    peer.end();
    await expect(answer).rejects.toThrow(ConnectionError);
  });
});
