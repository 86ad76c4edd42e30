import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ErrorDomain, ErrorNumber } from "../../../../src/generated/constants.js";
import { element, XmlElement } from "../../../../src/testing/driver/xml/element.js";
import { formatForeignXml, formatXml } from "../../../../src/testing/driver/xml/format.js";
import { parseXml } from "../../../../src/testing/driver/xml/parse.js";
import { readKiB, readSize, readUnsigned } from "../../../../src/testing/driver/xml/values.js";

const options = { what: "(test)", root: "a" };
const parse = (text: string) => parseXml(text, options);

describe("reading XML", () => {
  test("keeps names, attributes in their order, text and what is inside", () => {
    const root = parse(
      `<?xml version="1.0"?><!-- hi --><a z="1" b='2 &amp; "3"'>\n  <b>x &lt; <![CDATA[<y>]]></b>\n<c/></a>`,
    );
    expect(root.attributes).toEqual([
      ["z", "1"],
      ["b", '2 & "3"'],
    ]);
    expect(root.childText("b")).toBe("x < <y>");
    expect(root.children.map(({ name }) => name)).toEqual(["b", "c"]);
    expect(root.child("c")?.nodes).toEqual([]);
    expect(root.child("nothing", "at", "all")).toBeUndefined();
  });

  test("keeps white space that is text, and drops what only lays out", () => {
    expect(parse("<a> \n </a>").text).toBe(" \n ");
    expect(parse("<a> \n <b/> </a>").nodes).toHaveLength(1);
    expect(parse("<a>x <b/> y</a>").nodes).toHaveLength(3);
  });

  test("takes the character that stands for lost ones, and those that end lines elsewhere", () => {
    expect(parse("<a>\ufffd\u2028\u0085</a>").text).toBe("\ufffd\u2028\u0085");
    expect(parse("<a>x\r\ny\rz</a>").text).toBe("x\ny\nz");
  });

  test("knows namespaces", () => {
    const root = parse(`<a xmlns:k="urn:x"><k:b/><c xmlns="urn:y"/></a>`);
    expect(root.children.map(({ name, namespace }) => [name, namespace])).toEqual([
      ["k:b", "urn:x"],
      ["c", "urn:y"],
    ]);
    expect(root.namespace).toBeNull();
  });

  test.each([
    "",
    "no xml",
    "<a",
    "<a>",
    "<a></b>",
    "<a/><a/>",
    "<a/>junk",
    "<a>&</a>",
    "<a>&unknown;</a>",
    "<a b='1' b='2'/>",
    "<a b=1/>",
    "<a b/>",
    "<a b='<'/>",
    "<a>\u0001</a>",
    "<a>&#0;</a>",
    "<k:a/>",
  ])("refuses %j", (text) => {
    expect(() => parseXml(text, { what: "(test)", from: ErrorDomain.DOMAIN })).toThrow(
      expect.objectContaining({
        code: ErrorNumber.XML_DETAIL,
        domain: ErrorDomain.DOMAIN,
        message: expect.stringMatching(/^\(test\):1: ./),
      }),
    );
  });

  test("refuses another element than the one that is wanted", () => {
    expect(() => parse("<b/>")).toThrow("XML error: expecting root element of 'a', not 'b'");
  });

  test.each(["<!--", "<![CDATA["])("refuses in a moment what begins with %s and never ends", (beginning) => {
    const endless = () => parse(beginning.repeat(1_000_000 / beginning.length));
    expect(endless).toThrow(expect.objectContaining({ code: ErrorNumber.XML_DETAIL }));
  });

  test("refuses what is nested without end, and not what is merely long", () => {
    const deep = "<a>".repeat(300) + "</a>".repeat(300);
    expect(() => parse(deep)).toThrow(/nested more than 256 deep/);
    expect(parse(`<a>${"<b/>".repeat(10_000)}</a>`).children).toHaveLength(10_000);
  });
});

describe("printing XML", () => {
  test("is libvirt's way", () => {
    const inner = element("b", { c: "it's <1>", none: undefined }, "x & 'y'");
    const empty = element("d");
    empty.block = true;
    expect(formatXml(element("a", { n: 1n }, inner, empty, element("e")))).toBe(
      `<a n='1'>\n  <b c='it&apos;s &lt;1&gt;'>x &amp; &apos;y&apos;</b>\n  <d>\n  </d>\n  <e/>\n</a>\n`,
    );
  });

  test("is another's way for metadata", () => {
    const metadata = parseXml(`<metadata><k:a xmlns:k='urn:x' b="'">x <i/> y</k:a></metadata>`, { what: "" });
    expect(formatXml(metadata)).toBe(
      `<metadata>\n  <k:a xmlns:k="urn:x" b="'">x <i/> y</k:a>\n</metadata>\n`,
    );
    expect(formatForeignXml(element("a", {}, element("b", { c: 1 })))).toBe(`<a>\n  <b c="1"/>\n</a>`);
  });

  test("gives back what was read", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/);
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML can hold none of them, and turns \r into \n
      .map((each) => each.replace(/[\0-\x1f\x7f\ufffe\uffff]|\p{Cs}/gu, "_"))
      .filter((each) => each.trim() !== "");
    const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
      tree: fc
        .tuple(
          name,
          fc.dictionary(name, text, { maxKeys: 3 }),
          fc.oneof(
            { maxDepth: 3 },
            text.map((each) => [each]),
            fc.array(tie("tree"), { maxLength: 3 }),
          ),
        )
        .map(([tag, attributes, nodes]) => new XmlElement(tag, Object.entries(attributes), nodes)),
    }));
    fc.assert(
      fc.property(tree, (root) => {
        expect(formatXml(parseXml(formatXml(root), { what: "" }))).toBe(formatXml(root));
      }),
      { numRuns: 200, examples: [[element("a", { b: "\u2028\u0085" }, "\u2028 \u0085")]] },
    );
  });
});

describe("an element", () => {
  test("is changed in place, in an order", () => {
    const order = ["a", "b", "c"];
    const root = element("r", {}, element("a"), element("c"), element("other"));
    root.place(element("b", { n: 1 }), order);
    root.place(element("b", { n: 2 }), order);
    root.ensure("c", order).setAttribute("x", 1);
    root.ensure("d", order);
    expect(formatXml(root)).toBe(
      "<r>\n  <a/>\n  <b n='1'/>\n  <b n='2'/>\n  <c x='1'/>\n  <other/>\n  <d/>\n</r>\n",
    );
    root.child("c")!.setAttribute("x", undefined);
    root.removeNamed("b");
    expect(root.children.map((each) => [each.name, each.attributes.length])).toEqual([
      ["a", 0],
      ["c", 0],
      ["other", 0],
      ["d", 0],
    ]);
  });

  test("is copied with all that is in it", () => {
    const root = element("r", { x: 1 }, element("a", {}, "text"));
    const copy = root.clone();
    copy.child("a")!.text = "other";
    copy.setAttribute("x", 2);
    expect(formatXml(root)).toBe("<r x='1'>\n  <a>text</a>\n</r>\n");
  });
});

describe("values", () => {
  test.each([
    ["0", 0n],
    [" 7", 7n],
    ["4294967295", 4294967295n],
    ["4294967296", undefined],
    ["-1", undefined],
    ["1x", undefined],
    ["", undefined],
    ["9".repeat(1000), undefined],
  ])("the number %j is %s", (text, value) => expect(readUnsigned(text)).toBe(value));

  test.each([
    ["<m>5</m>", 5n],
    ["<m unit='KiB'>5</m>", 5n],
    ["<m unit='k'>5</m>", 5n],
    ["<m unit='KB'>1024</m>", 1000n],
    ["<m unit='bytes'>1025</m>", 2n],
    ["<m unit='GiB'>1</m>", 1048576n],
    ["<m unit='e'>1</m>", 1n << 50n],
  ])("%s is so many KiB: %s", (xml, kib) => expect(readKiB(parseXml(xml, { what: "" }), "./m")).toBe(kib));

  test.each([
    ["<m>-1</m>", ErrorNumber.XML_ERROR],
    ["<m>x</m>", ErrorNumber.XML_ERROR],
    ["<m unit='furlong'>1</m>", ErrorNumber.INVALID_ARG],
    ["<m unit='EiB'>16</m>", ErrorNumber.OVERFLOW],
  ])("%s is no size", (xml, code) => {
    expect(() => readSize(parseXml(xml, { what: "" }), "./m", "b")).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
