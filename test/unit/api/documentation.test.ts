import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { docs } from "../../../codegen/additions/docs/index.js";

const root = join(import.meta.dirname, "../../../src/api");
const files = [root, join(root, "generated")]
  .flatMap((folder) => readdirSync(folder).map((name) => relative(root, join(folder, name))))
  .filter((name) => name.endsWith(".ts"));

interface Method {
  readonly name: string;
  readonly doc: string;
}

/** Every method that a user can see, with its documentation; those that override another inherit that one's. */
function publicMethods(file: string): Method[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const methods: Method[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isMethodDeclaration(node) && ts.isClassDeclaration(node.parent) && isPublic(node)) {
      const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
      methods.push({
        name: node.name.getText(),
        doc: comments.map((comment) => comment.getText()).join("\n"),
      });
    }
    ts.forEachChild(node, visit);
  };
  if (isExported(source)) visit(source);
  return methods;
}

function isPublic(node: ts.MethodDeclaration): boolean {
  const modifiers = ts.getModifiers(node) ?? [];
  const hidden = [
    ts.SyntaxKind.PrivateKeyword,
    ts.SyntaxKind.ProtectedKeyword,
    ts.SyntaxKind.OverrideKeyword,
  ];
  if (modifiers.some(({ kind }) => hidden.includes(kind))) return false;
  return (
    !ts.isPrivateIdentifier(node.name) &&
    !ts.isComputedPropertyName(node.name) &&
    node.name.getText() !== "toJSON"
  );
}

function isExported(source: ts.SourceFile): boolean {
  return source.statements.some((one) => ts.isClassDeclaration(one) && ts.getModifiers(one)?.length);
}

/** The sentence before the first tag. */
function summary(doc: string): string {
  const text = doc.replace(/^\/\*\*|\*\/$/g, "").replace(/^\s*\* ?/gm, "");
  return text.split(/^@/m)[0]!.trim();
}

describe.each(files)("%s", (file) => {
  const methods = publicMethods(file);

  test("every public method says what it does", () => {
    const silent = methods.filter(({ doc }) => !/^[A-Z].{8,}\./s.test(summary(doc)));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

const manifest: readonly { c: string; kind: string; ts?: string }[] = JSON.parse(
  readFileSync(join(root, "../../api-manifest.json"), "utf8"),
);
const functions = manifest.filter((row) => row.kind === "function" && row.ts !== undefined);

test("the tables of documentation have every function that is a method, and no other", () => {
  expect(Object.keys(docs).sort()).toEqual(functions.map((row) => row.c).sort());
});

test("every method names the C functions that it stands for", () => {
  const methods = files.flatMap(publicMethods);
  const isNamed = ({ c, ts: method = "" }: (typeof functions)[number]) =>
    methods.some(({ name, doc }) => method.endsWith(`.${name}`) && new RegExp(`\\b${c}\\b`).test(doc));
  const unnamed = functions.filter((row) => row.ts?.includes(".") && !isNamed(row));
  expect(unnamed.map(({ c }) => c)).toEqual([]);
});
