import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/index.js";
import { qemuDomainXML } from "../support/fixtures.js";
import { type Libvirtd, startLibvirtd } from "../support/libvirtd.js";
import { Program, run } from "../support/program.js";

const demo = "examples/demo.ts";

let libvirtd: Libvirtd;

beforeAll(async () => {
  libvirtd = await startLibvirtd({ tcp: true, hostname: "demo-host" });
});

afterAll(() => libvirtd.stop());

/** What a hypervisor has, of which the demo must change nothing. */
async function domains(uri: string): Promise<unknown> {
  await using conn = await connect(uri);
  const all = (await conn.listAllDomains()).sort((a, b) => a.name.localeCompare(b.name));
  return await Promise.all(all.map(async (domain) => ({ ...domain.ref, state: await domain.getState() })));
}

describe("npm run demo", () => {
  /** What it prints of a test driver. */
  function shownOf(libvirt: string, uri: string, host: string): string {
    return `\
Hypervisor  TEST 0.0.2, by libvirt ${libvirt}
URI         ${uri}
Host        ${host}: i686, 16 CPUs, 3 GiB

ID  Name  State    vCPUs  Memory  CPU TIME
───
 1  test  running      2   2 GiB  DAYS

Defined NAME.
Started it:

Name      NAME
UUID      UUID
ID        2
State     running
vCPUs     1
Memory    64 MiB of 64 MiB
CPU time  DAYS

Stopped it.
Removed it.
`;
  }

  /** Without what differs from run to run; the test driver's domains have used as many seconds as the clock shows. */
  function withoutChance(stdout: string): string {
    return stdout
      .replace(/virtwire-demo-[0-9a-f]{8}/g, "NAME")
      .replace(/[0-9a-f-]{36}/, "UUID")
      .replace(/ +CPU time$/m, "  CPU TIME")
      .replace(/ +[\d,.]+ days/g, "  DAYS")
      .replace(/─+/, "───");
  }

  it("runs where there is no libvirt at all", async () => {
    const { status, stdout, stderr } = await run(demo, {
      without: ["/run", "/usr/sbin", "/usr/lib/libvirt"],
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(withoutChance(stdout)).toBe(shownOf("12.8.0", "test:///default", hostname()));
  });

  it("is the built package's, as a user has it", async () => {
    const npm = promisify(execFile)("npm", ["run", "--silent", "demo", "--", "test:///default"]);
    expect(withoutChance((await npm).stdout)).toBe(shownOf("12.8.0", "test:///default", hostname()));
  });

  it("shows the same of a daemon's test driver", async () => {
    const uri = libvirtd.uri("test");
    const before = await domains(uri);
    const { status, stdout, stderr } = await run(demo, { args: [uri] });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(withoutChance(stdout)).toBe(shownOf("9.0.0", uri, "demo-host"));
    expect(await domains(uri)).toEqual(before);
  });

  it.each(["unix", "tcp"] as const)(
    "runs a domain of QEMU's over %s, and touches no other",
    async (transport) => {
      const uri = libvirtd.uri("qemu", { transport });
      await using conn = await connect(uri);
      const running = await conn.domainCreateXML(qemuDomainXML({ name: "bystander" }));
      const defined = await conn.domainDefineXML(qemuDomainXML({ name: "another-bystander", vcpus: 12 }));
      try {
        const before = await domains(uri);
        const { status, stdout, stderr } = await run(demo, { args: [uri] });
        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        expect(stdout).toMatch(/^Hypervisor {2}QEMU \d+\.\d+\.\d+, by libvirt 9\.0\.0\n/);
        expect(stdout).toMatch(/^State {5}running$/m);
        expect(stdout).toMatch(/^CPU time {2}\d+\.\d\d s$/m);
        const table = stdout.split("\n").slice(4, 8);
        expect(table.map((line) => line.replace(/ +\d+\.\d\d s$/, "  TIME"))).toEqual([
          "ID  Name               State     vCPUs  Memory  CPU time",
          "─".repeat(56),
          expect.stringMatching(/^ \d {2}bystander {10}running {7}1 {2}32 MiB {2}TIME$/),
          " -  another-bystander  shut off     12  32 MiB  TIME",
        ]);
        expect(await domains(uri)).toEqual(before);
      } finally {
        await running.destroy();
        await defined.undefine();
      }
    },
  );

  it("says so when there are no domains", async () => {
    const { stdout } = await run(demo, { args: [libvirtd.uri("qemu")] });
    expect(stdout).toContain("\nIt has no domains.\n");
  });
});

describe("npm run demo, when something is wrong", () => {
  it.each([
    [
      "a socket that is not there",
      "qemu:///system?socket=/nonexistent",
      /^Cannot connect to \/nonexistent: .+\n$/,
    ],
    [
      "a port where nobody listens",
      "qemu+tcp://127.0.0.1:1/system",
      /^Cannot connect to 127\.0\.0\.1:1: .+\n$/,
    ],
    ["a URI that is none", "%%", /^Not a libvirt URI: .+\n$/],
    ["a name that is too short of slashes", "qemu://system", /^A slash is missing in .+\n$/],
  ])("explains %s in one line", async (_what, uri, explanation) => {
    const { status, stdout, stderr } = await run(demo, { args: [uri] });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(explanation);
  });

  it("passes on what the daemon says", async () => {
    const uri = libvirtd.uri("qemu", { readonly: true });
    const { status, stdout, stderr } = await run(demo, { args: [uri] });
    expect(status).toBe(1);
    expect(stdout).toContain("It has no domains.");
    expect(stderr).toMatch(/^[^\n]*read only[^\n]*\n$/);
  });

  it("says that a hypervisor can run nothing that it has", async () => {
    const uri = libvirtd.uri("qemu").replace("qemu", "lxc");
    const { status, stderr } = await run(demo, { args: [uri] });
    expect(status).toBe(1);
    expect(stderr).toMatch(/can run neither QEMU's domains nor the test driver's/);
  });

  it.each([[["--help"]], [["test:///default", "qemu:///system"]]])(
    "shows how to call it for %s",
    async (args) => {
      expect(await run(demo, { args })).toEqual({
        status: 2,
        stdout: "",
        stderr: "usage: npm run demo [-- URI]\n",
      });
    },
  );
});

describe("npm run demo, when it does not get to its end", () => {
  // libvirtd runs this at every step of a guest's life; a guest starts when "prepare" has been approved.
  async function onPrepare(daemon: Libvirtd, script: string): Promise<void> {
    const hook = join(daemon.directory, "etc/hooks/qemu");
    await mkdir(dirname(hook), { recursive: true });
    await writeFile(hook, `#!/bin/sh\n[ "$2" = prepare ] || exit 0\n${script}\n`, { mode: 0o755 });
    await daemon.restart();
  }

  it("removes a domain that would not start", async () => {
    await onPrepare(libvirtd, "printf 'not\\ntoday' >&2; exit 1");
    const uri = libvirtd.uri("qemu");
    const { status, stdout, stderr } = await run(demo, { args: [uri] });
    expect(status).toBe(1);
    expect(stdout).toMatch(/\nDefined virtwire-demo-[0-9a-f]{8}\.\nRemoved it\.\n$/);
    expect(stderr).toMatch(/^Hook script execution failed: [^\n]*: not today\n$/);
    expect(await domains(uri)).toEqual([]);
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("cleans up after %s", async (signal) => {
    const hold = join(libvirtd.directory, "etc/hold");
    await writeFile(hold, "");
    await onPrepare(libvirtd, "while [ -e /etc/libvirt/hold ]; do sleep 0.05; done");
    const uri = libvirtd.uri("qemu");
    const program = new Program(demo, { args: [uri] });
    await expect.poll(() => program.stdout, { timeout: 30_000 }).toContain("Defined");
    program.kill(signal);
    await rm(hold);
    const { status, stdout, stderr } = await program.outcome;
    expect({ status, stderr }).toEqual({ status: 1, stderr: `Ended by ${signal}.\n` });
    expect(stdout).toMatch(/\nRemoved it\.\n$/);
    expect(await domains(uri)).toEqual([]);
  });

  it("cleans up when nobody listens to it any more", async () => {
    await onPrepare(libvirtd, "");
    const uri = libvirtd.uri("qemu");
    const program = new Program(demo, { args: [uri] });
    program.closeStdout();
    expect((await program.outcome).status).toBe(0);
    expect(await domains(uri)).toEqual([]);
  });

  it("names the domain that it has to leave behind", async () => {
    await using crashing = await startLibvirtd();
    await onPrepare(crashing, "kill -9 $PPID");
    const { status, stdout, stderr } = await run(demo, { args: [crashing.uri("qemu")] });
    expect(status).toBe(1);
    const [, name] = /Defined (virtwire-demo-[0-9a-f]{8})\./.exec(stdout) ?? [];
    expect(stderr).toMatch(
      new RegExp(`^${name} is left behind and has to be removed by hand, because .+\n$`),
    );
  });
});
