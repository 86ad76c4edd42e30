import { describe, expect, test } from "vitest";
import { ErrorDomain, ErrorNumber } from "../../../../src/generated/constants.js";
import { MessageStatus, MessageType } from "../../../../src/protocol/generated/net.js";
import { domainMonitorCommand } from "../../../../src/protocol/generated/qemu.js";
import * as remote from "../../../../src/protocol/generated/remote.js";
import { DriverError } from "../../../../src/testing/server/driver-error.js";
import { Handlers } from "../../../../src/testing/server/handlers.js";
import { frame } from "../../rpc/peer.js";
import { anyHandlers, errorIn, Meeting, meetOpen } from "./meeting.js";

const dom = { name: "web", uuid: new Uint8Array(16), id: -1 };

describe("a call", () => {
  test("is answered with what the handler returns, under its own serial", async () => {
    const handlers = anyHandlers().on(remote.domainGetXmlDesc, ({ dom: { name } }) => ({
      xml: `<${name}/>`,
    }));
    const meeting = await meetOpen(handlers);
    const answer = await meeting.ask(remote.domainGetXmlDesc, { dom, flags: 0 });
    const { program: prog, number: proc } = remote.domainGetXmlDesc;
    expect(answer.header).toEqual({ prog, vers: 1, proc, type: MessageType.REPLY, serial: 2, status: 0 });
    expect(await meeting.get(remote.domainGetXmlDesc, { dom, flags: 0 })).toEqual({ xml: "<web/>" });
  });

  test("is answered with the driver's error, field by field", async () => {
    const fields = { domain: 5, level: 1, str1: "a", str2: null, str3: "c", int1: 6, int2: 7 };
    const handlers = anyHandlers().on(remote.domainLookupByName, ({ name }) => {
      throw new DriverError(ErrorNumber.NO_DOMAIN, `there is no ${name}`, fields);
    });
    const meeting = await meetOpen(handlers);
    const answer = await meeting.ask(remote.domainLookupByName, { name: "web" });
    expect(errorIn(answer)).toMatchObject({
      ...fields,
      code: 42,
      message: "Domain not found: there is no web",
    });
    expect(meeting.errors).toEqual([]);
  });

  test("tells the client nothing of what else a handler throws, and the server all", async () => {
    const mistake = new Error("the password is pencil");
    const handlers = anyHandlers().on(remote.connectGetHostname, () => Promise.reject(mistake));
    const meeting = await meetOpen(handlers);
    expect(errorIn(await meeting.ask(remote.connectGetHostname, undefined))).toMatchObject({
      code: ErrorNumber.INTERNAL_ERROR,
      domain: ErrorDomain.RPC,
      message: "internal error: REMOTE_PROC_CONNECT_GET_HOSTNAME failed in the driver",
    });
    expect(meeting.errors).toEqual([mistake]);
  });

  test("is answered with an error where the handler returns what cannot be sent", async () => {
    const handlers = anyHandlers()
      .on(remote.connectGetHostname, () => ({ hostname: 5 as unknown as string }))
      .on(remote.connectGetType, () => ({ type: "SMALL" }))
      .on(remote.domainLookupByName, () => {
        throw new DriverError(ErrorNumber.NO_DOMAIN, "none", { int1: 0.5 });
      });
    const meeting = await meetOpen(handlers);
    expect(errorIn(await meeting.ask(remote.connectGetHostname, undefined))).toMatchObject({
      code: ErrorNumber.RPC,
      message: "Unable to encode message payload",
    });
    expect(errorIn(await meeting.ask(remote.domainLookupByName, { name: "web" }))).toMatchObject({
      code: ErrorNumber.INTERNAL_ERROR,
    });
    expect(meeting.errors).toHaveLength(2);
    expect(await meeting.get(remote.connectGetType, undefined)).toEqual({ type: "SMALL" });
  });

  test("that no handler is there for is not supported by the driver, in the words of the C function", async () => {
    const meeting = await meetOpen(anyHandlers());
    expect(
      errorIn(await meeting.ask(remote.networkGetBridgeName, { net: { name: "n", uuid: dom.uuid } })),
    ).toMatchObject({
      code: ErrorNumber.NO_SUPPORT,
      domain: ErrorDomain.NETWORK,
      message: "this function is not supported by the connection driver: virNetworkGetBridgeName",
    });
    expect(errorIn(await meeting.ask(domainMonitorCommand, { dom, cmd: "help", flags: 0 }))).toMatchObject({
      message: "this function is not supported by the connection driver: virDomainQemuMonitorCommand",
    });
  });
});

describe("the order of calls", () => {
  test("is that in which they came, even where one takes its time", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handlers = anyHandlers()
      .on(remote.domainCreate, () => gate)
      .on(remote.domainSuspend, () => {})
      .on(remote.connectGetHostname, () => ({ hostname: "here" }));
    expect([remote.domainCreate, remote.domainSuspend].map(({ priority }) => priority)).toEqual([
      "low",
      "low",
    ]);
    expect(remote.connectGetHostname.priority).toBe("high");
    const meeting = await meetOpen(handlers);
    meeting.client.send(
      meeting.call(remote.domainCreate, { dom }),
      meeting.call(remote.domainSuspend, { dom }),
      meeting.call(remote.connectGetHostname, undefined),
    );
    const first = await meeting.client.next();
    release();
    const answers = [first, await meeting.client.next(), await meeting.client.next()];
    const numbers = [remote.connectGetHostname, remote.domainCreate, remote.domainSuspend];
    expect(answers.map(({ header }) => header.proc)).toEqual(numbers.map(({ number }) => number));
  });

  test("puts nothing before an urgent call that came first", async () => {
    const calls: string[] = [];
    const handlers = new Handlers(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      calls.push("open");
    }).on(remote.domainCreate, () => {
      calls.push("create");
    });
    const meeting = new Meeting({ handlers });
    meeting.client.send(
      meeting.call(remote.connectOpen, { name: null, flags: 0 }),
      meeting.call(remote.domainCreate, { dom }),
    );
    const answers = [await meeting.client.next(), await meeting.client.next()];
    expect(answers.map(({ header }) => header.status)).toEqual([0, 0]);
    expect(calls).toEqual(["open", "create"]);
  });

  test("is each client's own", async () => {
    const handlers = anyHandlers()
      .on(remote.domainCreate, () => new Promise(() => {}))
      .on(remote.domainSuspend, () => {});
    const meeting = await meetOpen(handlers);
    const other = new Meeting({ handlers });
    await other.open();
    meeting.client.send(meeting.call(remote.domainCreate, { dom }));
    expect(await other.get(remote.domainSuspend, { dom })).toBeUndefined();
  });
});

describe("opening", () => {
  test("comes before all that is the driver's", async () => {
    const handlers = anyHandlers().on(remote.connectGetType, () => ({ type: "SMALL" }));
    const meeting = new Meeting({ handlers });
    const notOpen = {
      code: ErrorNumber.INTERNAL_ERROR,
      message: "internal error: hypervisor connection not open",
    };
    expect(errorIn(await meeting.ask(remote.connectGetType, undefined))).toMatchObject(notOpen);
    expect(errorIn(await meeting.ask(remote.connectSupportsFeature, { feature: 14 }))).toMatchObject(notOpen);
    expect(await meeting.get(remote.connectSupportsFeature, { feature: 10 })).toEqual({ supported: 1 });
    expect(await meeting.get(remote.authList, undefined)).toEqual({ types: [remote.AuthType.NONE] });
    await meeting.open();
    expect(await meeting.get(remote.connectGetType, undefined)).toEqual({ type: "SMALL" });
    expect(errorIn(await meeting.ask(remote.connectOpen, { name: null, flags: 0 }))).toMatchObject({
      message: "internal error: connection already open",
    });
  });

  test("can be tried again when the driver refuses", async () => {
    const handlers = new Handlers(({ name }) => {
      if (name === "test:///none") throw new DriverError(ErrorNumber.NO_CONNECT, name);
      return { name };
    }).on(remote.connectGetUri, (_args, { state }) => ({ uri: state.name ?? "" }));
    const meeting = new Meeting({ handlers });
    expect(errorIn(await meeting.ask(remote.connectOpen, { name: "test:///none", flags: 0 })).code).toBe(
      ErrorNumber.NO_CONNECT,
    );
    await meeting.open();
    expect(await meeting.get(remote.connectGetUri, undefined)).toEqual({ uri: "test:///default" });
  });

  test("says which features the server has, and asks the driver for the others", async () => {
    const handlers = anyHandlers().on(remote.connectSupportsFeature, ({ feature }) => ({
      supported: feature === 9 ? 1 : 0,
    }));
    const meeting = await meetOpen(handlers);
    const supported = async (feature: number) =>
      (await meeting.get(remote.connectSupportsFeature, { feature })).supported;
    expect([await supported(14), await supported(15), await supported(9), await supported(13)]).toEqual([
      1, 1, 1, 0,
    ]);
    // Of the server, whatever the driver says.
    expect(await supported(8)).toBe(1);
    const other = await meetOpen(anyHandlers());
    expect(await other.get(remote.connectSupportsFeature, { feature: 9 })).toEqual({ supported: 0 });
  });

  test("ends with the connection, which is closed behind the answer", async () => {
    const meeting = await meetOpen(anyHandlers());
    expect(await meeting.get(remote.connectClose, undefined)).toBeUndefined();
    await meeting.client.closed;
    expect(meeting.server.clients).toEqual([]);
  });
});

describe("a client that may only look", () => {
  const handlers = () =>
    new Handlers(({ flags }, client) => ({ flags, readonly: client.readonly }))
      .on(remote.domainCreate, () => {})
      .on(remote.domainGetAutostart, (_args, client) => ({ autostart: Number(client.readonly) }))
      .on(remote.domainGetMaxVcpus, (_args, { state }) => ({ num: state.flags }));

  const refusal = {
    code: ErrorNumber.OPERATION_DENIED,
    domain: ErrorDomain.DOMAIN,
    message: "operation forbidden: read only access prevents virDomainCreate",
  };

  test("is one that said so", async () => {
    const meeting = new Meeting({ handlers: handlers() });
    await meeting.open(1);
    expect(errorIn(await meeting.ask(remote.domainCreate, { dom }))).toMatchObject(refusal);
    expect(await meeting.get(remote.domainGetAutostart, { dom })).toEqual({ autostart: 1 });
  });

  test("is one that came by a socket for those, whatever it says", async () => {
    const meeting = new Meeting({ handlers: handlers() }, { readonly: true });
    await meeting.open(0);
    expect(errorIn(await meeting.ask(remote.domainCreate, { dom }))).toMatchObject(refusal);
    expect(await meeting.get(remote.domainGetMaxVcpus, { dom })).toEqual({ num: 1 });
  });

  test("is told so even of what the driver does not do", async () => {
    const meeting = new Meeting({ handlers: handlers() }, { readonly: true });
    await meeting.open(0);
    expect(errorIn(await meeting.ask(remote.domainSuspend, { dom })).code).toBe(ErrorNumber.OPERATION_DENIED);
    expect(errorIn(await meeting.ask(remote.domainGetOsType, { dom })).code).toBe(ErrorNumber.NO_SUPPORT);
  });

  test("is no other", async () => {
    const meeting = await meetOpen(handlers());
    expect(await meeting.get(remote.domainCreate, { dom })).toBeUndefined();
    expect(await meeting.get(remote.domainGetAutostart, { dom })).toEqual({ autostart: 0 });
  });
});

describe("a client", () => {
  test("gets events behind the replies made before them", async () => {
    const handlers = anyHandlers().on(remote.domainCreate, (_args, client) => {
      setImmediate(() => client.send(remote.domainEventLifecycle, { dom, event: 2, detail: 0 }));
    });
    const meeting = await meetOpen(handlers);
    const reply = await meeting.ask(remote.domainCreate, { dom });
    const event = await meeting.client.next();
    expect([reply.header.type, event.header.type]).toEqual([MessageType.REPLY, MessageType.MESSAGE]);
    expect(event.header).toMatchObject({
      proc: remote.domainEventLifecycle.number,
      status: MessageStatus.OK,
    });
  });

  test("that is gone is told to those who wait for that, and sent nothing", async () => {
    const gone: string[] = [];
    const handlers = new Handlers((_args, client) => {
      client.onClose(() => {
        gone.push("first");
        client.send(remote.domainEventLifecycle, { dom, event: 2, detail: 0 });
        client.onClose(() => gone.push("late"));
        throw new Error("a mistake");
      });
      client.onClose(() => gone.push("second"));
    });
    const meeting = await meetOpen(handlers);
    meeting.client.end();
    await meeting.client.closed;
    await expect.poll(() => gone).toEqual(["first", "late", "second"]);
    expect(meeting.errors).toEqual([new Error("a mistake")]);
    expect(meeting.server.clients).toEqual([]);
  });

  test("can be dropped by the driver", async () => {
    const handlers = anyHandlers().on(remote.domainCreate, (_args, client) => client.drop());
    const meeting = await meetOpen(handlers);
    meeting.client.send(meeting.call(remote.domainCreate, { dom }));
    await meeting.client.closed;
    expect(meeting.client.frames).toHaveLength(1);
  });

  test("has a number of its own", async () => {
    const ids: number[] = [];
    const handlers = new Handlers((_args, { id }) => void ids.push(id));
    const meeting = await meetOpen(handlers);
    meeting.server.connect();
    const { clients } = meeting.server;
    expect(clients.map(({ id }) => id)).toEqual([1, 2]);
    expect(ids).toEqual([1]);
  });
});

test("a call with a status is refused, and the next one answered", async () => {
  const meeting = await meetOpen(anyHandlers());
  meeting.client.send(frame({ type: MessageType.CALL, proc: 3, serial: 9, status: 1 }));
  expect(errorIn(await meeting.client.next())).toMatchObject({ message: "Unexpected message status 1" });
  expect(await meeting.get(remote.connectSupportsFeature, { feature: 10 })).toEqual({ supported: 1 });
});
