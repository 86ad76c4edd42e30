#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { type Command, UsageError, usageStatus } from "./command.js";
import { printable, withoutPasswords } from "./safe-text.js";

/** What the program can do; each is loaded when it is called for. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<{ command: Command }> }>> = {
  doctor: {
    summary: "says step by step how a libvirt URI is reached, or what is in the way",
    load: () => import("./doctor/command.js"),
  },
  serve: {
    summary: "lets any libvirt client use a hypervisor that is only for tests",
    load: () => import("./serve.js"),
  },
};

function usage(): string {
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}\n`);
  return `usage: virtwire COMMAND [ARGUMENTS]

Commands:
${list.join("")}
  virtwire COMMAND --help    tells more of a command
  virtwire --version         tells the version
`;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return `${(JSON.parse(manifest) as { version: string }).version}\n`;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === "--version") return print(version());
  if (name === "--help" || name === "help") return print(usage());
  const entry = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    const problem = name === undefined ? "a command is missing" : `there is no command ${name}`;
    return misused(`virtwire: ${printable(withoutPasswords(problem))}\n\n${usage()}`);
  }
  const { command } = await entry.load();
  if (args.includes("--help")) return print(command.usage);
  try {
    return await command.run(args, {
      write: (text) => process.stdout.write(text),
      colours: process.stdout.isTTY && !process.env["NO_COLOR"],
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return misused(`virtwire ${name}: ${error.message}\n\n${command.usage}`);
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function misused(text: string): number {
  process.stderr.write(text);
  return usageStatus;
}

// Nobody may want to read to the end.
process.stdout.on("error", () => {});

const status = await main(process.argv.slice(2));
// What was given up, such as a name server that does not answer, must not keep the program from ending.
process.stdout.write("", () => process.exit(status));
