import type { SecureContextOptions } from "node:tls";
import { UnsupportedError } from "../../errors.js";

const { getCiphers } = process.getBuiltinModule("node:tls");

/** What of a GnuTLS priority string OpenSSL can be told. Empty where the defaults will do. */
export type TlsPolicy = Pick<SecureContextOptions, "minVersion" | "maxVersion" | "ciphers" | "ecdhCurve">;

type Kind = "version" | "cipher" | "kx" | "mac" | "group";
/** What may be negotiated, by GnuTLS's names, each kind in its order of preference. */
type Lists = Readonly<Record<Kind, readonly string[]>>;
type Choice = Readonly<Record<Kind, Set<string>>>;

const curves: Readonly<Record<string, string>> = {
  SECP256R1: "P-256",
  SECP384R1: "P-384",
  SECP521R1: "P-521",
  X25519: "X25519",
  X448: "X448",
};
const finiteFields = ["FFDHE2048", "FFDHE3072", "FFDHE4096", "FFDHE6144", "FFDHE8192"];

const normal: Lists = {
  version: ["VERS-TLS1.3", "VERS-TLS1.2"],
  cipher: ["AES-256-GCM", "CHACHA20-POLY1305", "AES-256-CBC", "AES-128-GCM", "AES-128-CBC"],
  kx: ["ECDHE-ECDSA", "ECDHE-RSA", "RSA", "DHE-RSA"],
  mac: ["SHA1", "AEAD"],
  group: [...Object.keys(curves), ...finiteFields],
};
const strong: Lists = {
  ...normal,
  cipher: ["AES-256-GCM", "CHACHA20-POLY1305", "AES-256-CBC"],
  mac: ["AEAD"],
  group: ["SECP384R1", "SECP521R1", "FFDHE8192"],
};
/** How many bits of security the certificates have to offer, as OpenSSL's level for it. */
const securityLevels: Readonly<Record<string, number>> = {
  SECURE192: 3,
  SECURE256: 4,
  SUITEB128: 3,
  SUITEB192: 4,
};
const suiteB: Lists = {
  version: ["VERS-TLS1.2"],
  cipher: ["AES-256-GCM", "AES-128-GCM"],
  kx: ["ECDHE-ECDSA"],
  mac: ["AEAD"],
  group: ["SECP256R1", "SECP384R1"],
};

/** What a priority string begins with. */
const keywords: Readonly<Record<string, Lists>> = {
  NORMAL: normal,
  // These differ from NORMAL in the order only, which is the server's to decide, or in what is not offered here.
  PERFORMANCE: normal,
  LEGACY: normal,
  SECURE128: normal,
  PFS: { ...normal, kx: ["ECDHE-ECDSA", "ECDHE-RSA", "DHE-RSA"] },
  SECURE192: strong,
  SECURE256: strong,
  SUITEB128: suiteB,
  SUITEB192: { ...suiteB, cipher: ["AES-256-GCM"], group: ["SECP384R1"] },
  NONE: { version: [], cipher: [], kx: [], mac: [], group: [] },
};

/** What stands for several names of a kind. */
const collections: Readonly<Record<string, readonly [Kind, readonly string[]]>> = {
  "VERS-ALL": ["version", normal.version],
  "VERS-TLS-ALL": ["version", normal.version],
  "CIPHER-ALL": ["cipher", normal.cipher],
  "KX-ALL": ["kx", normal.kx],
  "MAC-ALL": ["mac", ["SHA1", "SHA256", "SHA384", "AEAD"]],
  "GROUP-ALL": ["group", normal.group],
  "GROUP-EC-ALL": ["group", Object.keys(curves)],
  "GROUP-DH-ALL": ["group", finiteFields],
  "CURVE-ALL": ["group", Object.keys(curves)],
};

/** Every name on its own. */
const names = new Map<string, readonly [Kind, readonly string[]]>([
  ...normal.version.map((name) => [name, ["version", [name]]] as const),
  ...normal.cipher.map((name) => [name, ["cipher", [name]]] as const),
  ...normal.kx.map((name) => [name, ["kx", [name]]] as const),
  ...["SHA1", "SHA256", "SHA384", "AEAD"].map((name) => [name, ["mac", [name]]] as const),
  ...normal.group.map((name) => [`GROUP-${name}`, ["group", [name]]] as const),
]);

// GnuTLS has these and OpenSSL, as Node builds and sets it up, has them not: there is nothing to add or to remove.
const neverOffered =
  /^(VERS-(SSL3\.0|TLS1\.[01]|DTLS[\w.-]+)|(AES-\d+-CCM(-8)?|CAMELLIA-\d+-(CBC|GCM)|3DES-CBC|ARCFOUR-\d+|NULL)|MD5|(ANON|PSK|DHE|ECDHE|SRP|RSA)-(DH|ECDH|PSK|RSA|DSS|ANON)|(DHE|SRP)-DSS|PSK|SRP|COMP-\w+|CTYPE-[\w-]+|GROUP-(SECP192R1|SECP224R1))$/;

// These concern servers, or renegotiation and resumption, of which libvirt's protocol has none.
const idleOptions = new Set([
  "%COMPAT",
  "%SERVER_PRECEDENCE",
  "%SAFE_RENEGOTIATION",
  "%LATEST_RECORD_VERSION",
  "%NO_TICKETS",
]);

/**
 * Translates a GnuTLS priority string.
 *
 * @throws UnsupportedError naming what in it has no counterpart here, or that it leaves nothing to negotiate.
 */
export function tlsPolicy(priority: string): TlsPolicy {
  const [first = "", ...items] = priority.split(":");
  // An administrator's own definition in GnuTLS's configuration, which OpenSSL does not read: theirs applies.
  const start = first.startsWith("@") ? normal : keywords[first.toUpperCase()];
  if (!start)
    throw unknown(priority, first, `it has to begin with ${Object.keys(keywords).join(", ")} or @…`);
  const choice: Choice = {
    version: new Set(start.version),
    cipher: new Set(start.cipher),
    kx: new Set(start.kx),
    mac: new Set(start.mac),
    group: new Set(start.group),
  };
  for (const item of items) apply(item.toUpperCase(), choice, priority);
  return policy(choice, securityLevels[first.toUpperCase()], priority);
}

function apply(item: string, choice: Choice, priority: string): void {
  if (item === "" || idleOptions.has(item)) return;
  const [, sign, name = ""] = /^([-+!])(.+)$/.exec(item) ?? [];
  const found = lookUp(name);
  if (found) {
    const [kind, names] = found;
    for (const each of names) {
      if (sign === "+") choice[kind].add(each);
      else choice[kind].delete(each);
    }
  } else if (!neverOffered.test(name)) {
    throw unknown(priority, item, "it has no counterpart in OpenSSL that this client knows");
  }
}

function lookUp(name: string): readonly [Kind, readonly string[]] | undefined {
  const single = name.replace(/^CURVE-/, "GROUP-");
  return collections[name] ?? names.get(single);
}

function policy(choice: Choice, level: number | undefined, priority: string): TlsPolicy {
  const modern = choice.version.has("VERS-TLS1.3");
  const older = choice.version.has("VERS-TLS1.2");
  const suites = [...(modern ? suites13(choice) : []), ...(older ? suites12(choice) : [])];
  const groups = [...choice.group].map((group) => curves[group] ?? group.toLowerCase());
  if (suites.length === 0 || groups.length === 0) {
    throw new UnsupportedError(
      `tls_priority ${JSON.stringify(priority)} leaves no protocol version, cipher and group that this client has`,
    );
  }
  const changed = (kind: Kind) => [...choice[kind]].sort().join() !== [...normal[kind]].sort().join();
  return {
    ...(changed("version") && {
      minVersion: older ? "TLSv1.2" : "TLSv1.3",
      maxVersion: modern ? "TLSv1.3" : "TLSv1.2",
    }),
    ...((level !== undefined || changed("cipher") || changed("kx") || changed("mac")) && {
      ciphers: [...suites, ...(level === undefined ? [] : [`@SECLEVEL=${level}`])].join(":"),
    }),
    ...(changed("group") && { ecdhCurve: groups.join(":") }),
  };
}

function suites13({ cipher, mac }: Choice): string[] {
  if (!mac.has("AEAD")) return [];
  const suites: Readonly<Record<string, string>> = {
    "AES-256-GCM": "TLS_AES_256_GCM_SHA384",
    "CHACHA20-POLY1305": "TLS_CHACHA20_POLY1305_SHA256",
    "AES-128-GCM": "TLS_AES_128_GCM_SHA256",
  };
  return [...cipher].flatMap((name) => suites[name] ?? []);
}

function suites12({ cipher, kx, mac }: Choice): string[] {
  const known = new Set(getCiphers());
  const suites: string[] = [];
  for (const exchange of kx) {
    // OpenSSL's names leave this one out.
    const prefix = exchange === "RSA" ? "" : `${exchange}-`;
    for (const name of cipher) {
      const [, bits] = /^AES-(\d+)-/.exec(name) ?? [];
      for (const digest of mac) {
        let suite: string | undefined;
        if (name.endsWith("-CBC")) {
          if (digest !== "AEAD") suite = `AES${bits}-${digest.replace("SHA1", "SHA")}`;
        } else if (digest === "AEAD") {
          suite = bits ? `AES${bits}-GCM-SHA${bits === "256" ? 384 : 256}` : name;
        }
        if (suite && known.has((prefix + suite).toLowerCase())) suites.push(prefix + suite);
      }
    }
  }
  return suites;
}

function unknown(priority: string, part: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `tls_priority ${JSON.stringify(priority)}: ${JSON.stringify(part)} cannot be obeyed: ${why}`,
  );
}
