import { deepStrictEqual } from "node:assert";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { withJson } from "../../../src/api/json.js";

test("what JSON takes looks like any plain object", () => {
  const plain = { state: 1, maxMem: 2n };
  const result = withJson({ ...plain });
  expect(result).toStrictEqual(plain);
  deepStrictEqual(result, plain);
  deepStrictEqual(structuredClone(result), plain);
  expect({ ...result }).toStrictEqual(plain);
  expect(Object.keys(result)).toEqual(Object.keys(plain));
  expect(inspect(result)).toBe("{ state: 1, maxMem: 2n }");
});

test("JSON has decimal strings for 64-bit numbers, and hexadecimal ones for bytes", () => {
  const result = withJson({ state: 1, maxMem: 2n ** 64n - 1n, list: [{ bytes: new Uint8Array([1, 171]) }] });
  const expected = { state: 1, maxMem: "18446744073709551615", list: [{ bytes: "01ab" }] };
  expect(JSON.parse(JSON.stringify({ result }))).toEqual({ result: expected });
  expect(result.toJSON()).toEqual(expected);
});
