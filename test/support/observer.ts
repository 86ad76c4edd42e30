import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What to register for: a class, and libvirt's number of the event; for QEMU's own an event's name, or null for all. */
export type Registration = readonly [of: string, event: number | string | null];

/** An event as the C client has received it: the arguments of its callback. */
export interface Observed {
  readonly event: Registration;
  /** What identifies the object that it happened to. */
  readonly object: Readonly<Record<string, unknown>>;
  readonly arguments: readonly unknown[];
}

/** The error with which libvirt has refused a registration. */
export type Refusal = readonly [code: number, domain: number];

/** libvirt's own C client, watching events in a process of its own. */
export class Observer implements AsyncDisposable {
  /** What has come so far. */
  readonly events: Observed[] = [];
  /** What became of each registration, in the order given. */
  readonly registered: Promise<readonly (Refusal | null)[]>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;

  constructor(uri: string, registrations: readonly Registration[]) {
    const script = fileURLToPath(new URL("observer.py", import.meta.url));
    const { PATH, HOME } = process.env;
    // The distribution's own interpreter: the binding is a module of that one.
    this.#child = spawn("/usr/bin/python3", [script, uri, JSON.stringify(registrations)], {
      env: { PATH, HOME, LC_ALL: "C.UTF-8" },
    });
    let complaints = "";
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    this.#child.stdin.on("error", () => {}); // "close" comes too
    this.#ended = new Promise((resolve) => this.#child.on("close", () => resolve()));
    this.registered = new Promise((resolve, reject) => {
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        const told = JSON.parse(line) as Observed | { readonly registered: readonly (Refusal | null)[] };
        if ("registered" in told) resolve(told.registered);
        else this.events.push(told);
      });
      this.#child.on("error", reject);
      this.#ended.then(() => reject(new Error(`the observer has ended. ${complaints}`)));
    });
    this.registered.catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
