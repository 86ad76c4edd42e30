import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { type Codec, type Field, XdrReader } from "../../../src/protocol/xdr.js";
import { masked, maskedText } from "../../../src/rpc/masking.js";
import { moduleNames, procedures } from "../protocol/programs.js";

const shown = (procedure: string, value: unknown) => inspect(masked(procedure, value), { depth: null });

/** Makes up a value of any type whose leaves bear the names of their fields, and notes these. */
class NamingReader extends XdrReader {
  readonly fields = new Set<string>();

  #leaf(field: Field): string {
    this.fields.add(String(field));
    return `value of ${field}`;
  }

  override string(field: Field): string {
    return this.#leaf(field);
  }

  override opaque(field: Field): Uint8Array {
    return Buffer.from(this.#leaf(field));
  }

  override fixedOpaque(field: Field, length: number): Uint8Array {
    return Buffer.alloc(length, this.#leaf(field));
  }

  override chars(field: Field): Uint8Array {
    return this.opaque(field);
  }

  override fixedChars(field: Field, length: number): Uint8Array {
    return this.fixedOpaque(field, length);
  }

  override bool(): boolean {
    return true;
  }

  override count(field: Field): number {
    this.#leaf(field);
    return 1;
  }

  override int(): number {
    return 7; // the tag of a typed parameter that is a string
  }

  override uint(): number {
    return 31337;
  }

  override flags(): number {
    return 31337;
  }

  override hyper(): bigint {
    return 31337n;
  }

  override uhyper(): bigint {
    return 31337n;
  }

  override char(): number {
    return 7;
  }
}

const soundsSecret = /pass|secret|token|credential|cookie|key|sasl|auth|^data$|^value$|^cmd$/i;

/** What sounds secret in a procedure's arguments and its result, and how all of it is shown. */
function secretsOf(procedure: string, codec: Codec<unknown>): { fields: string[]; text: string } {
  const reader = new NamingReader();
  const value = codec.decode(reader, codec.name);
  return {
    fields: [...reader.fields].filter((field) => soundsSecret.test(field)),
    text: shown(procedure, value),
  };
}

const inCamelCase = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Fields that sound secret, and are not. */
const harmless: Readonly<Record<string, string>> = {
  key: "where a volume is",
  keys: "public keys",
  authorized: "public keys",
  cmd: "masked by what it says",
  value: "of a typed parameter, masked by its name; or a number",
  secrets: "names of secrets, which are listed",
  saslUserName: "a name",
};

describe("every field that sounds secret", () => {
  const all = moduleNames.flatMap((module) => procedures(module).map(([, procedure]) => procedure));

  test("is masked, or bytes that are only counted, or known to be harmless", () => {
    const visible: string[] = [];
    const secret = new Set<string>();
    for (const { name, args, ret } of all) {
      for (const { fields, text } of [secretsOf(name, args), secretsOf(name, ret)]) {
        for (const field of fields) {
          const [, as] = new RegExp(`\\b${inCamelCase(field)}: (\\*\\*\\*|<\\d+ bytes>)`).exec(text) ?? [];
          if (as === "***") secret.add(`${name} ${field}`);
          else if (as === undefined && !(field in harmless)) visible.push(`${name} ${field}`);
        }
      }
    }
    expect(visible).toEqual([]);
    expect([...secret].sort()).toEqual([
      "REMOTE_PROC_AUTH_SASL_START data",
      "REMOTE_PROC_AUTH_SASL_STEP data",
      "REMOTE_PROC_DOMAIN_SEND_KEY keycodes",
      "REMOTE_PROC_DOMAIN_SET_USER_PASSWORD password",
      "REMOTE_PROC_SECRET_GET_VALUE value",
      "REMOTE_PROC_SECRET_SET_VALUE value",
    ]);
  });

  test("of bytes, only the number is shown, and UUIDs", () => {
    const bytes = new TextEncoder().encode("geheim");
    expect(shown("REMOTE_PROC_DOMAIN_MIGRATE_PERFORM3", { cookieIn: bytes, dom: { uuid: bytes } })).toBe(
      "{ cookieIn: <6 bytes>, dom: { uuid: 67656865696d } }",
    );
  });
});

test("typed parameters are masked by their names", () => {
  const params = [
    { field: "sev-secret", value: { type: 7, value: "geheim" } },
    { field: "bandwidth", value: { type: 4, value: 5n } },
  ];
  expect(shown("REMOTE_PROC_DOMAIN_SET_LAUNCH_SECURITY_STATE", { params })).toBe(
    "{\n  params: [\n    { field: 'sev-secret', value: *** },\n    { field: 'bandwidth', value: { type: 4, value: 5n } }\n  ]\n}",
  );
});

describe("a text", () => {
  test.each([
    `<graphics type="vnc" port="-1" passwd="geheim"/>`,
    `<graphics type='spice' passwd='geheim' passwdValidTo='2030-01-01T00:00:00'/>`,
    `<auth type='chap' login='me' passwd='geheim'/>`,
    `<user><password>geheim</password></user>`,
    `<cookie name="session">geheim</cookie>`,
    `<qemu:env name="API_TOKEN" value="geheim"/>`,
    `<qemu:env name="DB_PASS" value="geheim"/>`,
    `<entry name="opt/org.example/root-password">geheim</entry>`,
    `<qemu:arg value="secret,id=sec0,data=geheim"/>`,
    `-object secret,id=sec0,format=raw,data=geheim -device virtio`,
    `rbd:pool/image:id=admin:password=geheim`,
    `esx://root:geheim@host/?no_verify=1`,
    `esx://root%3Ageheim@host/?no_verify=1`,
    `{"execute":"set_password","arguments":{"protocol":"vnc","password":"geheim"}}`,
    `{"execute":"object-add","arguments":{"qom-type":"secret","id":"s","data":"geheim"}}`,
    `{"execute":"guest-exec","arguments":{"path":"/bin/sh","arg":["-c","echo geheim"],"env":["A=geheim"]}}`,
    `{"execute":"guest-file-write","arguments":{"handle":1,"buf-b64":"geheim"}}`,
    `{"return":{"out-data":"geheim","exited":true}}`,
    `{'execute':'set_password','arguments':{'password':'geheim'}}`,
    `{"execute":"x","arguments":{"uri":"tcp://me:geheim@host"}}`,
  ])("has no secrets left: %s", (text) => {
    expect(maskedText(text)).not.toContain("geheim");
    expect(maskedText(text)).toContain("***");
  });

  test.each(["a", "passw", "name='passw' ", "secret,", "%3a"])(
    "is looked at in a moment, many times %j as well",
    (part) => {
      const text = `//${part.repeat(400_000 / part.length)}`;
      expect(maskedText(text)).toBe(text);
    },
  );

  test.each([
    `<domain type="kvm"><name>web</name><uuid>1b4e28ba-2fa1-11d2-883f-0016d3cca427</uuid></domain>`,
    `<auth username="me">\n  <secret type="ceph" uuid="1b4e28ba-2fa1-11d2-883f-0016d3cca427"/>\n</auth>`,
    `<secret ephemeral="no" private="yes">\n  <usage type="volume"><volume>/v</volume></usage>\n</secret>`,
    `{"execute":"query-status","id":"libvirt-1"}`,
    "Domain not found: no domain with matching name 'web'",
    "qemu+tcp://host:16509/system?socket=/run/x",
  ])("stays as it is: %s", (text) => {
    expect(maskedText(text)).toBe(text);
  });

  test.each([
    "change vnc password geheim",
    "set_password vnc geheim",
    "object_add secret,id=s,data=geheim",
    "sendkey g",
  ])("that commands QEMU's monitor: %s", (cmd) => {
    expect(shown("QEMU_PROC_DOMAIN_MONITOR_COMMAND", { cmd })).toBe(`{ cmd: '${cmd.split(" ")[0]} ***' }`);
    expect(shown("QEMU_PROC_DOMAIN_MONITOR_COMMAND", { cmd: "info status" })).toBe("{ cmd: 'info status' }");
  });

  test("that is long is cut, and so is a list", () => {
    expect(shown("", ["x".repeat(3000)])).toBe(`[\n  '${"x".repeat(2000)}… 1000 more'\n]`);
    expect(masked("", Array(30).fill(1))).toHaveLength(21);
  });
});
