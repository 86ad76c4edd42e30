import { expect, test } from "vitest";
import { formatUuid, readUuid } from "../../src/uuid.js";
import { noUuidTexts, uuidTexts } from "../support/uuid-texts.js";

const [text = "", digits = ""] = uuidTexts;
const bytes = Uint8Array.from(Buffer.from(digits, "hex"));

test("is written with small letters and four hyphens", () => {
  expect(formatUuid(bytes)).toBe(text);
});

test.each(uuidTexts)("is read from %j", (given) => {
  expect(readUuid(given)).toEqual(bytes);
});

test.each(noUuidTexts)("is not read from %j", (given) => {
  expect(readUuid(given)).toBeUndefined();
});

test("is not looked for in millions of spaces for long", () => {
  expect(readUuid(" ".repeat(4_000_000))).toBeUndefined();
});
