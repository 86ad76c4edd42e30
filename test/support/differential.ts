import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LibvirtError, type LibvirtErrorFields } from "../../src/errors.js";

/** What the C client returns, in JavaScript's terms. An integer is a number where a number is exact. */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyObject
  | readonly PyValue[]
  | PyFields;

export interface PyFields {
  readonly [name: string]: PyValue;
}

/** A value on its way from or to differential.py, which says what the objects mean. */
type Encoded =
  | null
  | boolean
  | number
  | string
  | Encoded[]
  | { readonly int: string }
  | { readonly bytes: string }
  | { readonly tuple: Encoded[] }
  | { readonly dict: readonly (readonly [Encoded, Encoded])[] }
  | { readonly object: EncodedObject }
  | { readonly handle: number };

interface EncodedObject {
  readonly handle: number;
  readonly class: string;
  readonly identity: Encoded;
}

type Answer =
  | { readonly value: Encoded }
  | { readonly error: LibvirtErrorFields }
  | { readonly failure: string };

interface Pending {
  resolve(value: PyValue): void;
  reject(error: Error): void;
}

/** For each class, the properties that say which thing an object stands for, and the binding's methods for them. */
const identities: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AdminClient: { id: "getID", timestamp: "getTimestamp", transport: "getTransport" },
  AdminServer: { name: "getName" },
  Domain: { name: "name", uuid: "UUIDString", id: "ID" },
  DomainCheckpoint: { name: "getName" },
  DomainSnapshot: { name: "getName" },
  Interface: { name: "name", mac: "MACString" },
  NWFilter: { name: "name", uuid: "UUIDString" },
  NWFilterBinding: { portDev: "portDev", filterName: "filterName" },
  Network: { name: "name", uuid: "UUIDString" },
  NetworkPort: { uuid: "UUIDString" },
  NodeDevice: { name: "name" },
  Secret: { uuid: "UUIDString", usageType: "usageType", usageID: "usageID" },
  StoragePool: { name: "name", uuid: "UUIDString" },
  StorageVol: { name: "name", key: "key" },
  Stream: {},
};

/**
 * libvirt's own C client, through its Python binding in a process of its own: the other side of every differential
 * test.
 *
 * ```ts
 * await using python = new PythonLibvirt();
 * const theirs = await python.open(uri);
 * expect(await outcome(ours.domainLookupByName("x"))).toEqual(await outcome(theirs.call("lookupByName", "x")));
 * ```
 */
export class PythonLibvirt implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  /** Requests are answered in their order. */
  readonly #pending: Pending[] = [];
  #complaints = "";

  constructor() {
    const script = fileURLToPath(new URL("differential.py", import.meta.url));
    // The distribution's own interpreter: the binding is a module of that one.
    const { PATH, HOME } = process.env;
    this.#child = spawn("/usr/bin/python3", [script, JSON.stringify(identities)], {
      env: { PATH, HOME, LC_ALL: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" },
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#receive(line));
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints += text;
    });
    this.#child.stdin.on("error", () => {}); // "close" comes too, and tells more
    this.#child.on("error", (error) => {
      this.#complaints += error.message;
    });
    this.#closed = new Promise((resolve) => {
      this.#child.on("close", () => {
        for (const { reject } of this.#pending.splice(0)) reject(this.#ended());
        resolve();
      });
    });
  }

  /** A connection: a `virConnect`. */
  open(uri: string, { readonly = false }: { readonly readonly?: boolean } = {}): Promise<PyObject> {
    return this.object(readonly ? "libvirt.openReadOnly" : "libvirt.open", uri);
  }

  /** Calls a function of a module: `libvirt.getVersion`, `libvirt_qemu.qemuMonitorCommand`. */
  call(name: string, ...args: readonly unknown[]): Promise<PyValue> {
    return this.send(null, name, args);
  }

  /** As {@link call}, for a function that returns an object. */
  async object(name: string, ...args: readonly unknown[]): Promise<PyObject> {
    return asObject(await this.call(name, ...args));
  }

  /** Calls a method of the object with this handle, or with null a function; {@link PyObject} uses it. */
  send(target: number | null, name: string, args: readonly unknown[]): Promise<PyValue> {
    const request = JSON.stringify({ target, function: name, arguments: encode(args) });
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw this.#ended();
      this.#pending.push({ resolve, reject });
      this.#child.stdin.write(`${request}\n`);
    });
  }

  /** Ends the process, and so its connections. Calls still in flight are given up. */
  async close(): Promise<void> {
    if (this.#pending.length > 0) this.#child.kill("SIGKILL");
    this.#child.stdin.end();
    await this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(line: string): void {
    const answer = JSON.parse(line) as Answer;
    const pending = this.#pending.shift();
    assert(pending, `an answer that nobody asked for: ${line}`);
    if ("error" in answer) pending.reject(new PythonLibvirtError(answer.error));
    else if ("failure" in answer) pending.reject(new Error(answer.failure));
    else pending.resolve(decode(this, answer.value));
  }

  #ended(): Error {
    return new Error(`the Python process has ended. ${this.#complaints}`);
  }
}

/** An object of the C client: a connection, a domain. It lives as long as the process. */
export class PyObject {
  readonly #python: PythonLibvirt;
  readonly handle: number;
  /** The class without libvirt's prefix: `Domain`. */
  readonly className: string;
  /** Which thing it stands for: name, UUID and so on. */
  readonly identity: PyFields;

  constructor(python: PythonLibvirt, handle: number, className: string, identity: PyFields) {
    this.#python = python;
    this.handle = handle;
    this.className = className;
    this.identity = identity;
  }

  /** Calls a method of python3-libvirt's by its name there: `domain.call("XMLDesc", 0)`. */
  call(method: string, ...args: readonly unknown[]): Promise<PyValue> {
    return this.#python.send(this.handle, method, args);
  }

  /** As {@link call}, for a method that returns an object. */
  async object(method: string, ...args: readonly unknown[]): Promise<PyObject> {
    return asObject(await this.call(method, ...args));
  }
}

/** Arguments that the binding wants as a tuple; an array is a list. */
export class PyTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** An error of libvirt as the C client sees it. */
export class PythonLibvirtError extends Error {
  override readonly name = "PythonLibvirtError";
  readonly fields: LibvirtErrorFields;

  constructor(fields: LibvirtErrorFields) {
    super(fields.message ?? "(no message)");
    this.fields = fields;
  }
}

/** What a call came to, fit to be compared between the two clients. */
export type Outcome = { readonly value: unknown } | { readonly error: LibvirtErrorFields };

/** Waits for a call of either client. Only libvirt's own errors are outcomes; any other one is a broken test. */
export async function outcome(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: normalise(await call) };
  } catch (error) {
    return { error: errorFields(error) };
  }
}

/** Fails unless virtwire's error is the C client's, field by field. */
export function sameError(ours: unknown, theirs: unknown): void {
  assert.deepStrictEqual(errorFields(ours), errorFields(theirs));
}

/**
 * One form for the values of both clients: a bigint that a number can hold becomes one, bytes a plain Uint8Array,
 * and an object of libvirt its class and identity.
 */
export function normalise(value: unknown): unknown {
  if (typeof value === "bigint") return isSafe(value) ? Number(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(normalise);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof PyObject) return { class: value.className, ...value.identity };
  const className = value.constructor?.name ?? "";
  const properties = Object.keys(identities[className] ?? value);
  const fields = properties.map((name) => [name, normalise(Reflect.get(value, name))]);
  return { ...(className in identities && { class: className }), ...Object.fromEntries(fields) };
}

function errorFields(error: unknown): LibvirtErrorFields {
  if (error instanceof PythonLibvirtError) return error.fields;
  if (!(error instanceof LibvirtError)) throw error;
  const { code, domain, level, message, str1, str2, str3, int1, int2 } = error;
  return { code, domain, level, message, str1, str2, str3, int1, int2 };
}

function encode(value: unknown): Encoded {
  if (typeof value === "bigint") return { int: String(value) };
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (value instanceof PyObject) return { handle: value.handle };
  if (value instanceof PyTuple) return { tuple: value.items.map(encode) };
  if (typeof value === "object" && value !== null) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return { dict: entries.map(([key, item]) => [encode(key), encode(item)]) };
  }
  return value as null | boolean | number | string;
}

function decode(python: PythonLibvirt, value: Encoded): PyValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => decode(python, item));
  if ("int" in value) return BigInt(value.int);
  if ("bytes" in value) return new Uint8Array(Buffer.from(value.bytes, "base64"));
  if ("dict" in value) {
    return Object.fromEntries(value.dict.map(([key, item]) => [String(key), decode(python, item)]));
  }
  assert("object" in value, "a value of an unknown kind");
  const { handle, class: className, identity } = value.object;
  return new PyObject(python, handle, className.replace(/^vir/, ""), decode(python, identity) as PyFields);
}

function asObject(value: PyValue): PyObject {
  assert(value instanceof PyObject, "not an object of libvirt");
  return value;
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}
