import { describe, expect, test } from "vitest";
import {
  joinQuery,
  joinUri,
  presentableUri,
  splitQuery,
  splitUri,
  type UriParts,
} from "../../../src/transport/uri-syntax.js";

const nothing: UriParts = {
  scheme: "test",
  user: undefined,
  host: undefined,
  port: undefined,
  path: "",
  query: undefined,
  fragment: undefined,
};

describe("a URI has its parts, and is the same again when they are put together", () => {
  test.each<[uri: string, parts: Partial<UriParts>]>([
    ["test://", {}],
    ["test:///", { path: "/" }],
    ["test://far.example", { host: "far.example" }],
    ["test://me@far.example", { user: "me", host: "far.example" }],
    ["test://me:word@far.example", { user: "me:word", host: "far.example" }],
    ["test://far.example:4711", { host: "far.example", port: 4711 }],
    [
      "test://far.example:4711/path?key=value#part",
      { host: "far.example", port: 4711, path: "/path", query: "key=value", fragment: "part" },
    ],
    ["test://192.0.2.1:4711/path", { host: "192.0.2.1", port: 4711, path: "/path" }],
    ["test://[::1]:4711/path", { host: "::1", port: 4711, path: "/path" }],
    [
      "test://me@[2001:db8:1:4fd4::2]:4711/",
      { user: "me", host: "2001:db8:1:4fd4::2", port: 4711, path: "/" },
    ],
    ["test://[::ffff:192.0.2.1]", { host: "::ffff:192.0.2.1" }],
    [
      "gluster+rdma://far.example:1234/a/b.img",
      { scheme: "gluster+rdma", host: "far.example", port: 1234, path: "/a/b.img" },
    ],
    ["a-b.c+9://far.example", { scheme: "a-b.c+9", host: "far.example" }],
    ["test:///a//b/../c/.", { path: "/a//b/../c/." }],
    ["test:///?a=b?c/d", { path: "/", query: "a=b?c/d" }],
    ["test:///#a/b?c", { path: "/", fragment: "a/b?c" }],
  ])("%s", (uri, parts) => {
    const split = splitUri(uri);
    expect(split).toEqual({ ...nothing, ...parts });
    expect(joinUri(split)).toBe(uri);
  });
});

describe("a query has names and values, as libvirt has them", () => {
  test.each<[query: string, again: string | undefined, pairs: [name: string, value: string][]]>([
    [
      "a=one&b=two",
      "a=one&b=two",
      [
        ["a", "one"],
        ["b", "two"],
      ],
    ],
    [
      "a=one&a=two",
      "a=one&a=two",
      [
        ["a", "one"],
        ["a", "two"],
      ],
    ],
    [
      "a=one&&a=two",
      "a=one&a=two",
      [
        ["a", "one"],
        ["a", "two"],
      ],
    ],
    [
      "a=one;a=two",
      "a=one&a=two",
      [
        ["a", "one"],
        ["a", "two"],
      ],
    ],
    [
      "a=%26one&b=%26two",
      "a=%26one&b=%26two",
      [
        ["a", "&one"],
        ["b", "&two"],
      ],
    ],
    ["a", "a=", [["a", ""]]],
    ["a=", "a=", [["a", ""]]],
    ["a=&", "a=", [["a", ""]]],
    ["a=&&", "a=", [["a", ""]]],
    ["a=one%20two", "a=one%20two", [["a", "one two"]]],
    ["a=one+two", "a=one%2Btwo", [["a", "one+two"]]],
    ["=nobody&a=one", "a=one", [["a", "one"]]],
    ["a==", "a=%3D", [["a", "="]]],
    ["a=C=XX,O=Two%20Words", "a=C%3DXX%2CO%3DTwo%20Words", [["a", "C=XX,O=Two Words"]]],
    ["%41=%c3%A9", "A=%C3%A9", [["A", "é"]]],
    ["", undefined, []],
    ["&&;", undefined, []],
  ])("%j", (query, again, pairs) => {
    expect(splitQuery(query, "test:///")).toEqual(pairs);
    expect(joinQuery(pairs)).toBe(again);
    expect(splitQuery(again, "test:///")).toEqual(pairs);
  });

  test("which is nothing where there is none", () => {
    expect(splitQuery(undefined, "test:///")).toEqual([]);
  });
});

test.each([
  ["qemu+ssh://me:secret@far/system?keyfile=/k#part", "qemu+ssh://me:***@far/system"],
  ["qemu+ssh://me%3Asecret@far/system", "qemu+ssh://me:***@far/system"],
  ["qemu+ssh://my%20name%3asecret@far/system", "qemu+ssh://my%20name:***@far/system"],
  ["qemu+ssh://me:sec#r?e/t@far/system", "qemu+ssh://me:***@far/system"],
  ["qemu+ssh://me@far:22/system", "qemu+ssh://me@far:22/system"],
  ["qemu+tls://[fe80::1%253a]:16514/system", "qemu+tls://[fe80::1%253a]:16514/system"],
])("what is shown of %s has no password and no parameters", (uri, shown) => {
  expect(presentableUri(uri)).toBe(shown);
});
