import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connection, connect } from "../../src/index.js";
import { type PyObject, PythonLibvirt } from "../support/differential.js";
import { noUuidTexts, uuidTexts } from "../support/uuid-texts.js";

let python: PythonLibvirt;
let theirs: PyObject;
let ours: Connection;

beforeAll(async () => {
  python = new PythonLibvirt();
  theirs = await python.open("test:///default");
  ours = await connect("test:///default");
});

afterAll(async () => {
  await ours.close();
  await python.close();
});

test.each(uuidTexts)("%j is a UUID, as it is one for the C client", async (text) => {
  expect((await theirs.object("lookupByUUIDString", text)).identity).toMatchObject({ name: "test" });
  expect(await ours.domainLookupByUUIDString(text)).toMatchObject({ name: "test" });
});

test.each(noUuidTexts)("%j is no UUID, as it is none for the C client", async (text) => {
  await expect(theirs.call("lookupByUUIDString", text)).rejects.toThrow();
  await expect(ours.domainLookupByUUIDString(text)).rejects.toThrow(TypeError);
});
