import { DomainEventType, DomainState, ErrorNumber } from "../../src/generated/constants.js";
import * as remote from "../../src/protocol/generated/remote.js";
import type { OpenClient } from "../../src/testing/server/client.js";
import { DriverError } from "../../src/testing/server/driver-error.js";
import { Handlers } from "../../src/testing/server/handlers.js";

/** What the driver keeps for a client: the events that it wants, by their callback IDs. */
interface State {
  readonly callbacks: Map<number, number>;
  legacy: boolean;
  lastId: number;
}

/** A hypervisor of the tests: a domain that starts and stops, a console that echoes, and a volume. */
export class SmallDriver {
  readonly handlers: Handlers<State>;
  /** What the volume holds. */
  volume: Uint8Array = Buffer.from("a volume");
  readonly #watchers = new Set<OpenClient<State>>();
  readonly #uuid = Buffer.from("0123456789abcdef");
  #isRunning = false;

  constructor() {
    this.handlers = new Handlers<State>(({ name }) => {
      if (name !== "test:///default") throw new DriverError(ErrorNumber.NO_CONNECT, `${name}`);
      return { callbacks: new Map(), legacy: false, lastId: 0 };
    });
    this.#answerForConnection();
    this.#answerForDomain();
    this.#answerForEvents();
    this.#answerForStreams();
  }

  get #domain(): remote.NonnullDomain {
    return { name: "web", uuid: this.#uuid, id: this.#isRunning ? 1 : -1 };
  }

  #answerForConnection(): void {
    this.handlers
      .on(remote.connectGetType, () => ({ type: "SMALL" }))
      .on(remote.connectGetHostname, () => ({ hostname: "small.example" }))
      .on(remote.connectGetUri, () => ({ uri: "test:///default" }))
      .on(remote.connectGetLibVersion, () => ({ libVer: 12_008_000n }))
      .on(remote.connectGetVersion, () => ({ hvVer: 2_000_001n }))
      .on(remote.connectRegisterCloseCallback, () => {})
      .on(remote.connectUnregisterCloseCallback, () => {})
      .on(remote.connectIsSecure, () => ({ secure: 1 }));
  }

  #answerForDomain(): void {
    this.handlers
      .on(remote.connectListAllDomains, () => ({ domains: [this.#domain], ret: 1 }))
      .on(remote.domainLookupByName, ({ name }) => {
        if (name === "web") return { dom: this.#domain };
        throw new DriverError(ErrorNumber.NO_DOMAIN, `no domain with matching name '${name}'`);
      })
      .on(remote.domainLookupByUuid, () => ({ dom: this.#domain }))
      .on(remote.domainGetState, () => ({
        state: this.#isRunning ? DomainState.RUNNING : DomainState.SHUTOFF,
        reason: 0,
      }))
      .on(remote.domainGetXmlDesc, () => ({ xml: "<domain type='test'><name>web</name></domain>" }))
      .on(remote.domainCreate, () => this.#change(true, DomainEventType.STARTED))
      .on(remote.domainDestroy, () => this.#change(false, DomainEventType.STOPPED));
  }

  #change(isRunning: boolean, event: number): void {
    if (this.#isRunning === isRunning) {
      throw new DriverError(ErrorNumber.OPERATION_INVALID, `domain is ${isRunning ? "" : "not "}running`);
    }
    this.#isRunning = isRunning;
    const msg = { dom: this.#domain, event, detail: 0 };
    for (const client of this.#watchers) {
      if (client.state.legacy) client.send(remote.domainEventLifecycle, msg);
      for (const callbackID of client.state.callbacks.keys()) {
        client.send(remote.domainEventCallbackLifecycle, { callbackID, msg });
      }
    }
  }

  #watch(client: OpenClient<State>): void {
    this.#watchers.add(client);
    client.onClose(() => this.#watchers.delete(client));
  }

  #answerForEvents(): void {
    this.handlers
      .on(remote.connectDomainEventCallbackRegisterAny, ({ eventID }, client) => {
        this.#watch(client);
        const callbackID = client.state.lastId++;
        client.state.callbacks.set(callbackID, eventID);
        return { callbackID };
      })
      .on(remote.connectDomainEventCallbackDeregisterAny, ({ callbackID }, client) => {
        client.state.callbacks.delete(callbackID);
      })
      .on(remote.connectDomainEventRegister, (_args, client) => {
        this.#watch(client);
        client.state.legacy = true;
        return { cbRegistered: 1 };
      });
  }

  #answerForStreams(): void {
    const volume = { pool: "pool", name: "disk", key: "/disk" };
    this.handlers
      .on(remote.storagePoolLookupByName, ({ name }) => ({ pool: { name, uuid: this.#uuid } }))
      .on(remote.storagePoolIsActive, () => ({ active: 1 }))
      .on(remote.storageVolLookupByName, () => ({ vol: volume }))
      .onStream(remote.domainOpenConsole, () => ({
        reply: undefined,
        run: async (stream) => {
          for await (const piece of stream) if ("data" in piece) await stream.write(piece.data);
        },
      }))
      .onStream(remote.storageVolUpload, () => ({
        reply: undefined,
        run: async (stream) => {
          const pieces: Uint8Array[] = [];
          for await (const piece of stream) {
            pieces.push("data" in piece ? piece.data : new Uint8Array(Number(piece.hole)));
          }
          this.volume = Buffer.concat(pieces);
        },
      }))
      .onStream(remote.storageVolDownload, () => ({
        reply: undefined,
        run: async (stream) => {
          await stream.write(this.volume);
          if (stream.sparse) await stream.writeHole(4096n);
        },
      }));
  }
}
