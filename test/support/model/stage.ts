import type {
  Connection,
  Domain,
  DomainCheckpoint,
  DomainSnapshot,
  Interface,
  Network,
  NodeDevice,
  StoragePool,
  StorageVol,
} from "../../../src/index.js";

/** What a step takes of what there is to choose from. It is made of numbers, so that fast-check can make it smaller. */
export class Choices {
  readonly made: unknown[] = [];
  readonly #numbers: readonly number[];

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  of<T>(items: readonly T[]): T {
    const number = this.#numbers[this.made.length % this.#numbers.length] ?? 0;
    const item = items[number % items.length];
    this.made.push(item);
    return item as T;
  }
}

/** The objects of one kind that a program has got hold of. What they stand for may have changed since, or be gone. */
class Held<T> {
  readonly #held = new Map<string, T>();

  async get(name: string, find: (name: string) => Promise<T>): Promise<T> {
    return this.#held.get(name) ?? this.keep(name, find(name));
  }

  async keep(name: string, found: Promise<T>): Promise<T> {
    const thing = await found;
    this.#held.set(name, thing);
    return thing;
  }
}

/** One of the two hypervisors, with what its client has got of it. */
export class Stage {
  readonly domains = new Held<Domain>();
  /** Each by the names of its domain and its own, with a slash between. */
  readonly snapshots = new Held<DomainSnapshot>();
  readonly checkpoints = new Held<DomainCheckpoint>();
  readonly networks = new Held<Network>();
  readonly interfaces = new Held<Interface>();
  readonly pools = new Held<StoragePool>();
  /** Each by the names of its pool and its own, with a slash between. */
  readonly volumes = new Held<StorageVol>();
  readonly devices = new Held<NodeDevice>();
  readonly conn: Connection;
  /** The same hypervisor, as it can only be looked at. */
  readonly readonly: Stage | undefined;
  /** The older of the two libvirts: 11.3.0 is 11003000. */
  release = 0n;
  /** A folder for files that domains are put into. */
  readonly directory: string;

  constructor(conn: Connection, directory: string, readonly?: Stage) {
    this.conn = conn;
    this.directory = directory;
    this.readonly = readonly;
  }
}

/** Something that a program can do, and that both hypervisors have to answer alike. */
export type Operation = (stage: Stage, choose: Choices) => Promise<unknown>;
export type Operations = Readonly<Record<string, Operation>>;
