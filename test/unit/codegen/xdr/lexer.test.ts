import { expect, test } from "vitest";
import { tokenize } from "../../../../codegen/xdr/lexer.js";

/** Compact: the kind's first letter, the line, the text. */
const tokens = (source: string) =>
  tokenize(source, "x.x").map(({ kind, line, text }) => `${kind} ${line} ${text}`);

test("cuts words, numbers and punctuation", () => {
  expect(tokens("struct a_1{int b[3];};")).toEqual([
    "word 1 struct",
    "word 1 a_1",
    "punctuation 1 {",
    "word 1 int",
    "word 1 b",
    "punctuation 1 [",
    "number 1 3",
    "punctuation 1 ]",
    "punctuation 1 ;",
    "punctuation 1 }",
    "punctuation 1 ;",
    "end 1 the end of the file",
  ]);
  expect(tokens("( ) < > : , = *")).toHaveLength(9);
});

test("takes a number's sign and base with it", () => {
  expect(tokens("0 -1 0x20008086 0XfF")).toEqual([
    "number 1 0",
    "number 1 -1",
    "number 1 0x20008086",
    "number 1 0XfF",
    "end 1 the end of the file",
  ]);
});

test("keeps comments, without their marks, and the line that they begin on", () => {
  expect(tokens("a /* one */ b\n/**\n * two\n */\nc // three\nd")).toEqual([
    "word 1 a",
    "comment 1  one ",
    "word 1 b",
    "comment 2 *\n * two\n ",
    "word 5 c",
    "comment 5  three",
    "word 6 d",
    "end 6 the end of the file",
  ]);
});

test("does not nest comments, nor find tokens in them", () => {
  expect(tokens("/* /* struct */ a /* // */ b")).toEqual([
    "comment 1  /* struct ",
    "word 1 a",
    "comment 1  // ",
    "word 1 b",
    "end 1 the end of the file",
  ]);
});

test("passes lines for the C compiler through", () => {
  expect(tokens('%#include "internal.h"\n%\na')).toEqual([
    'passthrough 1 #include "internal.h"',
    "passthrough 2 ",
    "word 3 a",
    "end 3 the end of the file",
  ]);
});

test("counts lines whatever ends them", () => {
  expect(tokens("a\r\nb\n\n\tc\n")).toEqual([
    "word 1 a",
    "word 2 b",
    "word 4 c",
    "end 5 the end of the file",
  ]);
});

test("says where it meets what is no token", () => {
  expect(() => tokens("struct a {\n  int $b;\n};")).toThrow(new SyntaxError('x.x:2: unexpected "$"'));
  expect(() => tokens("\n\n/* never closed")).toThrow(new SyntaxError('x.x:3: unexpected "/"'));
  expect(() => tokens('const A = "text";')).toThrow(SyntaxError);
});
