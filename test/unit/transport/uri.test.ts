import { describe, expect, test } from "vitest";
import { type LibvirtUri, parseUri } from "../../../src/transport/uri.js";

// What libvirt makes of each was seen with virsh 9.0 (`virsh uri`, and its debug log for the daemon's name).
const rows: [uri: string, expected: Partial<LibvirtUri>][] = [
  [
    "qemu:///system",
    {
      driver: "qemu",
      transport: "unix",
      user: undefined,
      host: undefined,
      port: undefined,
      path: "/system",
      fragment: undefined,
      options: {},
      passedOn: [],
      nameForDaemon: "qemu:///system",
      nameForHelper: "qemu:///system",
    },
  ],
  ["qemu:/system", { driver: "qemu", transport: "unix", path: "/system", text: "qemu:///system" }],
  ["qemu:system", { driver: "qemu", transport: "unix", path: "system", nameForDaemon: "qemu://system" }],
  ["test://", { driver: "test", transport: "unix", path: "", nameForDaemon: "test://" }],
  ["test:////default", { driver: "test", path: "//default", nameForDaemon: "test:////default" }],
  ["test+unix:///default", { driver: "test", transport: "unix", nameForDaemon: "test:///default" }],
  ["qemu://host/system", { transport: "tls", host: "host", nameForDaemon: "qemu:///system" }],
  ["qemu+tcp:///system", { transport: "tcp", nameForDaemon: "qemu:///system" }],
  ["qemu+TCP://host/system", { transport: "tcp", text: "qemu+TCP://host/system" }],
  ["QEMU+tcp://host/system", { driver: "QEMU", nameForDaemon: "QEMU:///system" }],
  ["test+tcp://host", { transport: "tcp", host: "host", path: "", nameForDaemon: "test://" }],
  ["qemu+tls:///system", { transport: "tls" }],
  ["qemu+libssh://host/system", { transport: "libssh" }],
  ["qemu+libssh2://host/system", { transport: "libssh2" }],
  ["qemu+ssh://root@host:2222/system", { transport: "ssh", user: "root", host: "host", port: 2222 }],
  ["qemu+ssh://us%40er@host/system", { user: "us@er", text: "qemu+ssh://us%40er@host/system" }],
  ["qemu+ssh://user:word@host/system", { user: "user:word", nameForDaemon: "qemu:///system" }],
  ["qemu+ssh://user@/system", { user: "user", host: undefined, text: "qemu+ssh://user@/system" }],
  ["qemu+ssh://@host/system", { user: undefined, host: "host" }],
  ["qemu+ext://host/system?command=/bin/x", { transport: "ext", options: { command: "/bin/x" } }],

  ["qemu+tcp://[::1]:16509/system", { host: "::1", port: 16509, text: "qemu+tcp://[::1]:16509/system" }],
  ["qemu+tcp://[fe80::1%25eth0]/", { host: "fe80::1%eth0", text: "qemu+tcp://[fe80::1%eth0]/" }],
  ["qemu+tcp://[fe80::1%eth0]/", { host: "fe80::1%eth0" }],
  ["qemu+tcp://[name]/", { host: "[name]" }],
  ["qemu+tcp://HOST.Example/", { host: "HOST.Example" }],
  ["qemu+tcp://ho%73t_1/", { host: "host_1" }],
  ["qemu+tcp://host:0/system", { port: undefined, text: "qemu+tcp://host/system" }],
  ["qemu+tcp://host:00022/", { port: 22 }],
  ["qemu+tcp://:16509/", { host: undefined, port: undefined }],

  ["test:///sys%20tem", { path: "/sys tem", nameForDaemon: "test:///sys%20tem" }],
  ["test:///a%2fb%3fc#d%20e", { path: "/a/b?c", fragment: "d e", nameForDaemon: "test:///a/b%3Fc#d%20e" }],
  ["test:///a:b@c!$&'()*+,;=", { text: "test:///a%3Ab@c!$&'()*+,;=" }],
  ["test:///%c3%a9", { path: "/é", nameForDaemon: "test:///%C3%A9" }],
  ["test:///x#[y]", { fragment: "[y]", nameForDaemon: "test:///x#[y]" }],

  ["test:///d?foo=a%20b&Bar=c+d;e=f", { nameForDaemon: "test:///d?foo=a%20b&Bar=c%2Bd&e=f" }],
  ["test:///d?foo&=x&&b=&c=%2b%26", { nameForDaemon: "test:///d?foo=&b=&c=%2B%26" }],
  ["test:///d?a;b=1;c=2", { nameForDaemon: "test:///d?a=&b=1&c=2" }],
  [
    "test:///d?a;b=1&c=2;d=3",
    {
      passedOn: [
        ["a;b", "1"],
        ["c", "2"],
        ["d", "3"],
      ],
    },
  ],
  ["test:///d?a=b=c?d/e", { passedOn: [["a", "b=c?d/e"]], nameForDaemon: "test:///d?a=b%3Dc%3Fd%2Fe" }],
  ["test:///d?x=%2541", { passedOn: [["x", "%41"]], nameForDaemon: "test:///d?x=%2541" }],
  ["test:///d?", { text: "test:///d?", nameForDaemon: "test:///d" }],
  [
    "test:///d?constructor=1&__proto__=2",
    {
      passedOn: [
        ["constructor", "1"],
        ["__proto__", "2"],
      ],
    },
  ],
  // The C client would let this name break out of its place; escaping it is the only difference.
  ["test:///d?a%26b=c%3dd", { nameForDaemon: "test:///d?a%26b=c%3Dd" }],

  ["test+tcp://h/d?NAME=xx&name=lxc:///", { options: { name: "lxc:///" }, nameForDaemon: "lxc:///" }],
  ["remote+tcp://h/x", { driver: "remote", nameForDaemon: "" }],
  ["remote:///system", { driver: "remote", transport: "unix", nameForDaemon: "" }],
  ["remote:///?name=qemu:///system", { nameForDaemon: "qemu:///system" }],
  ["remotely:///x", { nameForDaemon: "remotely:///x" }],
  [
    "test+tcp:///d?mode=legacy&Socket=/s&authfile=/z&pkipath=x&other=1",
    {
      options: { mode: "legacy", socket: "/s", authfile: "/z", pkipath: "x" },
      passedOn: [["other", "1"]],
      nameForDaemon: "test:///d?other=1",
      nameForHelper: "test:///d?mode=legacy&Socket=%2Fs&other=1",
    },
  ],
  [
    "qemu+tls://h/?no_verify=1&no_tty=0&no_sanity=%20-7&tls_priority=NORMAL",
    {
      options: { noVerify: true, noTty: false, noSanity: true, tlsPriority: "NORMAL" },
    },
  ],
  [
    "qemu+ssh://h/?netcat=/nc&keyfile=/k&known_hosts=/kh&command=/ssh&proxy=netcat&auth=sasl.GSSAPI",
    {
      options: {
        netcat: "/nc",
        keyfile: "/k",
        knownHosts: "/kh",
        command: "/ssh",
        proxy: "netcat",
        auth: "sasl.GSSAPI",
      },
    },
  ],
  [
    "qemu+libssh2://h/?sshauth=Agent,password&known_hosts_verify=AUTO",
    {
      options: { sshauth: ["agent", "password"], knownHostsVerify: "auto" },
    },
  ],
];

describe("a URI the C client takes", () => {
  test.each(rows)("%s", (uri, expected) => {
    const parsed = parseUri(uri);
    expect(parsed).toMatchObject(expected);
    if (expected.options) expect(parsed.options).toEqual(expected.options);
  });

  test("keeps to itself what the client acts on", () => {
    const known =
      "name=a&command=b&socket=c&netcat=d&keyfile=e&known_hosts=f&known_hosts_verify=auto&sshauth=agent&" +
      "no_verify=1&no_tty=1&no_sanity=1&pkipath=g&tls_priority=h&mode=auto&proxy=auto&auth=polkit&authfile=i";
    const { passedOn, options } = parseUri(
      `test+tcp://h/d?${known.toUpperCase().replace(/=[A-Z]+/g, (v) => v.toLowerCase())}`,
    );
    expect(passedOn).toEqual([]);
    expect(Object.keys(options)).toHaveLength(17);
  });

  test("that is empty leaves the choice to the daemon", () => {
    expect(parseUri("")).toMatchObject({ text: "", driver: undefined, transport: "unix", nameForDaemon: "" });
  });

  test("is read the same once more after it was printed", () => {
    // libvirt prints qemu:system as qemu://system, and then refuses that.
    for (const [uri] of rows.filter(([uri]) => uri !== "qemu:system")) {
      const once = parseUri(uri);
      expect(parseUri(once.text)).toEqual(once);
    }
  });
});

describe("a URI that cannot be", () => {
  test.each([
    ["foo", /does not begin with a driver/],
    ["/system", /does not begin with a driver/],
    ["//host/system", /does not begin with a driver/],
    ["1qemu:///system", /scheme/],
    [":///system", /scheme/],
    ["qe mu:///system", /" ", which has to be percent-encoded/],
    ["qemu:///sys tem", /percent-encoded/],
    ["qemu:///é", /"é", which has to be percent-encoded/],
    ["qemu:///💥", /"💥", which has to be percent-encoded/],
    ["qemu:///a{b}", /percent-encoded/],
    ["qemu:///a|b", /percent-encoded/],
    ["qemu:///a\\b", /percent-encoded/],
    ["qemu:///a\nb", /percent-encoded/],
    ["qemu:///a\0b", /percent-encoded/],
    ["qemu:///s?a=[x]", /percent-encoded/],
    ["qemu:///[x]", /percent-encoded/],
    ["qemu:///s#a#b", /percent-encoded/],
    ["qemu:///sys%tem", /two hexadecimal digits/],
    ["qemu:///s?a=%", /two hexadecimal digits/],
    ["qemu:///%ff", /UTF-8/],
    ["qemu:///s?a=%c3", /UTF-8/],
    ["qemu:///x%00y", /NUL/],
    ["qemu+unix:///s?socket=/tmp/x%00y", /NUL/],
    ["qemu+tcp://%00/", /NUL/],
    ["qemu+tcp://host:/system", /host\[:port\]/],
    ["qemu+tcp://host:-1/system", /host\[:port\]/],
    ["qemu+tcp://host:x/system", /host\[:port\]/],
    ["qemu+tcp://::1/system", /host\[:port\]/],
    ["qemu+tcp://[::1/system", /host\[:port\]/],
    ["qemu+tcp://[::1]x/system", /host\[:port\]/],
    ["qemu+ssh://a@b@host/system", /host\[:port\]/],
  ])("%j is a TypeError", (uri, why) => {
    expect(() => parseUri(uri)).toThrow(TypeError);
    expect(() => parseUri(uri)).toThrow(why);
  });

  test.each([
    ["qemu+tcp://host:65536/", /no port 65536/],
    ["qemu+tcp://host:99999999999999999999/", /no port 9{20}/],
    ["qemu+foo:///system", /no transport "foo", only unix, tcp, tls/],
    ["qemu+:///system", /no transport ""/],
    ["qemu+ssh+x:///system", /no transport "ssh\+x"/],
    ["qemu+unix://host/system", /has no host/],
    ["qemu://system", /qemu:\/\/\/system is probably meant/],
    ["vz://system/", /vz:\/\/\/system is probably meant/],
    ["qemu://session?socket=/x", /qemu:\/\/\/session is probably meant/],
    ["qemu+ext:///system", /needs a command=/],
    ["qemu:///system?mode=turbo", /mode is one of auto, direct, legacy, not "turbo"/],
    ["qemu:///system?MODE=", /mode is one of/],
    ["qemu:///system?mode=Auto", /mode is one of/],
    ["qemu:///system?socket=", /socket is the path of a socket, not ""/],
    ["qemu:///system?socket", /socket is the path/],
    ["qemu+ext:///system?command=", /command is the path of a program, not ""/],
    ["qemu:///system?proxy=x", /proxy is one of auto, native, netcat, not "x"/],
    ["qemu:///system?no_verify=yes", /no_verify is 0 or 1, not "yes"/],
    ["qemu:///system?no_verify=", /no_verify is 0 or 1/],
    ["qemu:///system?no_tty=99999999999", /no_tty is 0 or 1/],
    ["qemu:///system?no_sanity=1x", /no_sanity is 0 or 1/],
    ["qemu:///system?auth=none", /auth is sasl, sasl.MECHANISM or polkit/],
    ["qemu:///system?auth=sasl.", /auth is sasl/],
    ["qemu+libssh://h/?sshauth=agent,", /sshauth is one of agent, privkey/],
    ["qemu+libssh://h/?known_hosts_verify=never", /known_hosts_verify is one of normal/],
  ])("%j is a RangeError", (uri, why) => {
    expect(() => parseUri(uri)).toThrow(RangeError);
    expect(() => parseUri(uri)).toThrow(why);
  });

  test.each([
    "qemu+ssh://user:se%cret@host/",
    "qemu+ssh://user:se cret@host/system?x=y",
    "qemu+ssh://user:se/cret@host/",
    "qemu+ssh://user:se?cret@host/",
    "qemu+ssh://user:se@cret@host/",
    "qemu+unix://user:se-cret@host/",
    "qemu+tcp://user:se-cret@host:65536/",
    "qemu+foo://user:se-cret@host/",
    "qemu+ext://user@host/?x=se-cret",
  ])("%j is named without its secret", (uri) => {
    const message = messageOf(() => parseUri(uri));
    expect(message).toContain("://user");
    expect(message).not.toContain("cret");
    expect(message).not.toContain(":se");
  });

  test("takes no longer to refuse for being long", () => {
    const long = "a:".repeat(500_000);
    const colons = `qemu:${"//:".repeat(300_000)}%zz`;
    for (const uri of [`qemu://${long}`, `qemu:///${"%zz".repeat(300_000)}`, `${long}[`, colons]) {
      expect(() => parseUri(uri)).toThrow(TypeError);
    }
  });
});

function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
