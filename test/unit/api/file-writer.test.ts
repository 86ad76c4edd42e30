import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { FileWriter } from "../../../src/api/file-writer.js";

const MiB = 2 ** 20;

let directory: string;
let errors: unknown[];

const path = (name: string) => join(directory, name);

/** A writer whose failures are noted. */
const writerTo = (file: string) => new FileWriter(file, (error) => errors.push(error));

/** How many descriptors of ours lead to a file. */
async function openOn(file: string): Promise<number> {
  const fds = await readdir("/proc/self/fd");
  const targets = await Promise.all(fds.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return targets.filter((target) => target === file).length;
}

/** Writes bytes, in pieces as large as the writer's memory is. Returns where they end. */
async function writeAll(writer: FileWriter, bytes: Buffer, from: number): Promise<number> {
  let position = from;
  for (let at = 0; at < bytes.length; ) {
    const memory = await writer.memory();
    const length = bytes.copy(memory, 0, at);
    writer.write(memory, length, position);
    at += length;
    position += length;
  }
  return position;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "virtwire-file-writer-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  errors = [];
});

test("writes more than it has memory for, in its order", async () => {
  const bytes = randomBytes(40 * MiB + 12345);
  await writeFile(path("large"), "what was there before");
  const writer = writerTo(path("large"));
  await writer.finish(await writeAll(writer, bytes, 0));
  await writer.close();
  expect((await readFile(path("large"))).equals(bytes)).toBe(true);
  expect(await openOn(path("large"))).toBe(0);
  expect(errors).toEqual([]);
});

test("takes no more memory than it needs where nothing has to wait", async () => {
  const writer = writerTo(path("steady"));
  const memories = new Set<Buffer>();
  for (let position = 0; position < 100; position++) {
    const memory = await writer.memory();
    memories.add(memory);
    writer.write(memory.fill(position, 0, 1), 1, position);
    await writer.finish(position + 1);
  }
  await writer.close();
  expect(memories.size).toBe(1);
  expect([...(await readFile(path("steady")))]).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test("leaves out what is left out, at the end too", async () => {
  const writer = writerTo(path("holes"));
  const data = randomBytes(1000);
  await writeAll(writer, data, 8 * MiB);
  await writer.finish(32 * MiB);
  await writer.close();
  const written = await readFile(path("holes"));
  const expected = Buffer.alloc(32 * MiB);
  data.copy(expected, 8 * MiB);
  expect(written.equals(expected)).toBe(true);
  expect((await stat(path("holes"))).blocks * 512).toBeLessThan(MiB);
});

test("writes zeros where nothing can be left out", async () => {
  await promisify(execFile)("mkfifo", [path("pipe")]);
  const received = buffer(createReadStream(path("pipe")));
  const writer = writerTo(path("pipe"));
  const data = randomBytes(1000);
  await writeAll(writer, data, 3 * MiB + 1);
  await writer.finish(5 * MiB);
  await writer.close();
  const expected = Buffer.alloc(5 * MiB);
  data.copy(expected, 3 * MiB + 1);
  expect((await received).equals(expected)).toBe(true);
});

test("writes to devices, which have no length", async () => {
  const writer = writerTo("/dev/zero");
  await writer.finish(await writeAll(writer, randomBytes(3 * MiB), 0));
  await writer.close();
  expect(errors).toEqual([]);
});

test("tells at once that a file cannot be opened", async () => {
  const writer = writerTo(path("missing/file"));
  await expect(writer.finish(0)).rejects.toMatchObject({ code: "ENOENT" });
  expect(errors[0]).toMatchObject({ code: "ENOENT" });
  await writer.close();
});

test("tells at once that a file cannot be written, and writes no more", async () => {
  const writer = writerTo("/dev/full");
  writer.write(await writer.memory(), 1, 0);
  await expect.poll(() => errors[0]).toMatchObject({ code: "ENOSPC" });
  await expect(writeAll(writer, Buffer.alloc(40 * MiB), 1)).rejects.toMatchObject({ code: "ENOSPC" });
  await expect(writer.finish(0)).rejects.toMatchObject({ code: "ENOSPC" });
  await writer.close();
  expect(await openOn("/dev/full")).toBe(0);
});

test("does not write on when it is closed", async () => {
  const writer = writerTo("/dev/zero");
  writer.write(await writer.memory(), 1, Number.MAX_SAFE_INTEGER - 1);
  await writer.close();
  expect(errors).toEqual([]);
  expect(await openOn("/dev/zero")).toBe(0);
});
