import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as virtwire from "../../src/index.js";
import { parseUri, uriParameters } from "../../src/transport/uri.js";

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

/** A row of api-manifest.json. */
interface ManifestRow {
  readonly c: string;
  readonly ts?: string;
  readonly local?: string;
  readonly value?: number | string;
}

const manifest: readonly ManifestRow[] = JSON.parse(
  readFileSync(new URL("../../api-manifest.json", import.meta.url), "utf8"),
);

describe("docs/names.md", () => {
  const rows = [...page("names.md").matchAll(/^\| `(vir\w+|VIR_\w+)` \| (?:`([\w.]+)`|(—)) \|$/gm)].map(
    ([, c = "", ts]) => ({ c, ts }),
  );

  it("shows every kind of name", () => {
    expect(rows.length).toBeGreaterThan(25);
  });

  it.each(rows)("has the name of $c right", ({ c, ts }) => {
    const row = manifest.find((each) => each.c === c);
    expect(row).toBeDefined();
    expect(row?.ts).toBe(ts);
    if (ts === undefined) expect(row?.local).toBeTruthy();
    if (row?.value !== undefined) expect(exported(ts ?? "")).toBe(row.value);
  });
});

describe("docs/errors.md", () => {
  it("explains every class of errors", () => {
    const explained = [...page("errors.md").matchAll(/^\| `(\w+Error)` \|/gm)].map(([, name]) => name);
    const classes = Object.entries(virtwire)
      .filter(([, value]) => typeof value === "function" && value.prototype instanceof Error)
      .map(([name]) => name)
      .filter((name) => name !== "VirtwireError");
    expect(explained.sort()).toEqual(classes.sort());
  });

  it("explains codes that exist", () => {
    const [, table = ""] =
      /\| `ErrorNumber\.` \|.*\n\|---\|---\|\n((?:\|.*\n)+)/.exec(page("errors.md")) ?? [];
    const codes = [...table.matchAll(/`([A-Z_]+)`/g)].map(([, code = ""]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !(code in virtwire.ErrorNumber))).toEqual([]);
  });
});

describe("docs/connecting.md", () => {
  const [, table = ""] = /^\| parameter \|.*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(page("connecting.md")) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)];

  it("has every parameter of URIs, and no other", () => {
    expect(rows.map(([, name]) => name).sort()).toEqual([...uriParameters].sort());
  });

  it("says of each where it counts, by transports that there are", () => {
    const named = new Set(
      rows.flatMap(([, , places = ""]) => [...places.matchAll(/`(\w+)`/g)].map(([, name]) => name)),
    );
    for (const name of named) expect(() => parseUri(`qemu+${name}:///system?command=x`)).not.toThrow();
    expect(named.size).toBeGreaterThan(4);
  });
});

/** What the package exports under a path such as `DomainState.RUNNING`. */
function exported(path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)[name], virtwire);
}
