import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connect } from "../../src/index.js";
import { testDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { type Outcome, run } from "../support/program.js";
import { SaslAccounts } from "../support/sasl.js";
import { servers } from "../support/test-drivers.js";
import { type Told, watchEvents, watchTraces } from "../support/traces.js";

const client = fileURLToPath(new URL("../support/secretive-client.ts", import.meta.url));
const secret = "geheim5f";

let accounts: SaslAccounts;
let guarded: Libvirtd;
let open: Libvirtd;

beforeAll(async () => {
  accounts = await SaslAccounts.create("PLAIN SCRAM-SHA-256");
  await accounts.add("user", secret);
  guarded = await startLibvirtd({ conf: accounts.settings, env: accounts.env });
  open = await startLibvirtd();
});

afterAll(async () => {
  await guarded?.stop();
  await open?.stop();
  await accounts?.[Symbol.asyncDispose]();
});

test.each(servers)("diagnostics channels tell of a whole conversation with %s", async (_, start) => {
  const daemon = await start();
  onTestFinished(() => daemon.stop());
  const uri = daemon.uri("test");
  const connects = watchTraces("connect");
  const calls = watchTraces("call");
  const events = watchEvents();
  await using conn = await connect(uri);
  const { peer } = conn;
  expect(connects.map(([phase]) => phase)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
  const [, connected] = connects[3] as readonly [string, Told];
  expect(connected).toMatchObject({ uri: uri.replace(/\?.*/, ""), peer, durationMs: expect.any(Number) });

  await conn.on("domain.lifecycle", () => {});
  await conn.domainDefineXML(testDomainXML({ name: "web" }));
  await expect(conn.domainLookupByName("nobody")).rejects.toThrow();
  await expect.poll(() => events).toHaveLength(1);

  const { connection } = connected;
  const told = (wanted: string) => calls.filter(([phase]) => phase === wanted).map(([, call]) => call);
  // In the order in which they were sent: the daemon may answer in another.
  expect(told("start").map(({ procedure }) => String(procedure).replace("REMOTE_PROC_", ""))).toEqual([
    "AUTH_LIST",
    ...["CONNECT_SUPPORTS_FEATURE", "CONNECT_OPEN", "CONNECT_SUPPORTS_FEATURE"],
    ...["CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY", "DOMAIN_DEFINE_XML", "DOMAIN_LOOKUP_BY_NAME"],
  ]);
  const ended = told("asyncEnd");
  expect(ended).toHaveLength(7);
  expect(ended.every((call) => call["connection"] === connection && call["peer"] === peer)).toBe(true);
  expect(ended.at(-1)).toMatchObject({ error: { codeName: "NO_DOMAIN" } });
  expect(ended.at(-2)).not.toHaveProperty("error");
  expect(events[0]).toMatchObject({ connection, procedure: "REMOTE_PROC_DOMAIN_EVENT_CALLBACK_LIFECYCLE" });
});

/** What the client says, run by a user who sets `VIRTWIRE_DEBUG`. */
function debugged(mechanism: string, topics: string): Promise<Outcome> {
  const uri = `${guarded.uri("qemu")}&auth=sasl.${mechanism}`;
  return run(client, { args: [uri, secret], env: { VIRTWIRE_DEBUG: topics } });
}

test.each(["PLAIN", "SCRAM-SHA-256"])(
  "VIRTWIRE_DEBUG=rpc shows what is said, and no secret: %s",
  async (mechanism) => {
    const { status, stdout, stderr } = await debugged(mechanism, "rpc");
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: "" });

    const bytes = Buffer.from(secret);
    for (const form of [secret, bytes.toString("base64").slice(0, 12), bytes.toString("hex")]) {
      expect(stderr).not.toContain(form);
    }
    expect(stderr).not.toContain([...bytes.subarray(0, 4)].join(", "));

    const said = stderr.match(/^virtwire \d\d:\d\d:\d\d\.\d{3} #1 [<>] .*$/gm) ?? [];
    const shown = said.map((line) => line.replace(/^\S+ \S+ #1 /, "").replace(/ \d+ bytes$/, " N bytes"));
    expect(shown.slice(0, 2)).toEqual([
      "> call 1 remote.authList, N bytes",
      "< reply 1 remote.authList, N bytes",
    ]);
    expect(shown.join("\n")).toContain("< event remote.domainEventCallbackLifecycle, N bytes");
    expect(shown.filter((line) => line.includes("remote.domainSetUserPassword"))).toEqual([
      expect.stringMatching(/^> call \d+ remote.domainSetUserPassword, N bytes$/),
      expect.stringMatching(/^< reply \d+ remote.domainSetUserPassword error, N bytes$/),
    ]);
    expect(stderr).toContain(`passwd="***"`);
    expect(stderr).toContain("value: ***");
    expect(stderr).toContain("cmd: 'change ***'");
    expect(stderr).toContain("user: 'root'");
  },
);

test.each(["", "other"])("VIRTWIRE_DEBUG=%s shows nothing", async (topics) => {
  expect(await debugged("PLAIN", topics)).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("what prints is loaded only where it is asked for", async () => {
  const loaded = async (env: Readonly<Record<string, string>>) => {
    const options = { args: [open.uri("test")], env };
    return (await run("test/support/loaded-modules.ts", options)).stdout.split("\n");
  };
  const printer = /\/src\/rpc\/(wire-trace|masking)\.ts$/;
  expect((await loaded({})).filter((url) => printer.test(url))).toEqual([]);
  expect((await loaded({ VIRTWIRE_DEBUG: "rpc" })).filter((url) => printer.test(url))).toHaveLength(2);
});
