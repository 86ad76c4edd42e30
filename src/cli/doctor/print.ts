import { styleText } from "node:util";
import { printable } from "../safe-text.js";
import type { Detail, Diagnosis, StepResult } from "./steps.js";

type Status = StepResult["status"];

const words: Readonly<Record<Status, string>> = {
  ok: "ok",
  warning: "warning",
  failed: "FAILED",
  skipped: "-",
};

const colours = { ok: "green", warning: "yellow", failed: "red", skipped: "gray" } as const;

/** Writes for people. */
export class Printer {
  readonly #write: (text: string) => void;
  readonly #colours: boolean;

  constructor(write: (text: string) => void, colours: boolean) {
    this.#write = write;
    this.#colours = colours;
  }

  step({ name, status, ms, details, message, advice, error }: StepResult): void {
    const title = `${words[status].padEnd(8)} ${inWords(name).padEnd(15)}`;
    if (status === "skipped") {
      this.#write(`${this.#in(status, title)} ${printable(message ?? "")}\n`);
      return;
    }
    const notes: Record<string, Detail> = {
      ...details,
      ...(message !== undefined && { [status === "failed" ? "what is wrong" : "but"]: message }),
      ...(advice !== undefined && { "what to do": advice }),
      ...(error && { error: error.code === null ? error.name : `${error.name} ${error.code}` }),
    };
    this.#write(`${this.#in(status, title)} ${ms.toFixed(1)} ms\n${lines(notes, 9)}`);
  }

  summary({ ok, steps }: Diagnosis): void {
    const failed = steps.find(({ status }) => status === "failed");
    const warnings = steps.filter(({ status }) => status === "warning").length;
    const text = failed ? `It fails at: ${inWords(failed.name)}.` : "All is well.";
    const more = warnings === 0 ? "" : ` There are warnings: ${warnings}.`;
    this.#write(`\n${this.#in(ok ? "ok" : "failed", text)}${more}\n`);
  }

  #in(status: Status, text: string): string {
    return this.#colours ? styleText(colours[status], text, { validateStream: false }) : text;
  }
}

/** A line for each thing; lists go on below, and objects further in. */
function lines(details: Readonly<Record<string, Detail>>, indent: number): string {
  const margin = " ".repeat(indent);
  const entries = Object.entries(details);
  const width = Math.max(...entries.map(([name]) => inWords(name).length));
  return entries
    .map(([name, value]) => {
      const label = `${margin}${printable(inWords(name))}`;
      if (isGroup(value)) return `${label}\n${lines(value, indent + 2)}`;
      if (Array.isArray(value) && value.some(isGroup)) {
        return `${label}\n${value
          .filter(isGroup)
          .map((one) => item(one, indent))
          .join("")}`;
      }
      const texts = Array.isArray(value) ? value.map(text) : [text(value)];
      const [first = "none", ...others] = texts;
      const padding = " ".repeat(width + 2);
      const rest = others.map((other) => `${margin}${padding}${other}\n`).join("");
      return `${margin}${printable(inWords(name)).padEnd(width + 2)}${first}\n${rest}`;
    })
    .join("");
}

/** One of several objects, with a mark where it begins. */
function item(group: Readonly<Record<string, Detail>>, indent: number): string {
  const block = lines(group, indent + 4);
  return `${" ".repeat(indent + 2)}- ${block.slice(indent + 4)}`;
}

function isGroup(value: Detail): value is { readonly [name: string]: Detail } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: Detail): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null || value === "") return "none";
  return printable(String(value));
}

/** `roundTrip` as people write it. Other people's names, such as those of mechanisms, stay. */
function inWords(name: string): string {
  return /^[a-z]/.test(name)
    ? name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    : name;
}
