import { AuthenticationError } from "../errors.js";
import { type Mechanism, malformed, type SaslContext, type SaslData } from "./mechanism.js";

const name = "GSSAPI";

/** The bit by which a daemon offers to do without a layer of GSSAPI's own. */
const noLayer = 1;

/**
 * GSSAPI, RFC 4752: by a ticket of Kerberos, which the optional package `kerberos` and the system's library handle.
 * That package's `wrap` puts a message of its own in the place of ours, so nothing more than the login can be had of
 * it: what follows has to be protected already.
 */
export const gssapi: Mechanism = {
  name,
  plain: false,
  layered: false,
  async lacks(context) {
    try {
      await begin(context);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
  async *exchange(context) {
    const { client, token: first } = await begin(context);
    let token: SaslData = first;
    while (!client.contextComplete) token = await step(client, yield token);

    const offer = (yield token) ?? new Uint8Array(0);
    const layers = fromBase64(await attempt(() => client.unwrap(toBase64(offer))));
    if (layers.length !== 4) throw malformed(name, "its offer of layers has not four bytes");
    if ((layers[0]! & noLayer) === 0) {
      throw new AuthenticationError(
        `${name}: the daemon insists on a layer, which the package kerberos has not`,
      );
    }
    const user = context.credentials.actAs ?? "";
    yield fromBase64(await attempt(() => client.wrap(toBase64(layers), { user })));
    return undefined;
  },
};

/** Gets a ticket for the daemon, and from it the first message. */
async function begin({ hostname }: Pick<SaslContext, "hostname">) {
  const kerberos = await load();
  // The daemon has to prove who it is, too. The package's types know the flags by a name that it does not know itself.
  const flags = kerberos.GSS_C_MUTUAL_FLAG | kerberos.GSS_C_SEQUENCE_FLAG | kerberos.GSS_C_INTEG_FLAG;
  const options = { flags, mechOID: kerberos.GSS_MECH_OID_KRB5 };
  try {
    const client = await kerberos.initializeClient(`libvirt@${hostname}`, options);
    return { client, token: await step(client, null) };
  } catch (cause) {
    throw new AuthenticationError(
      `there is no ticket for libvirt on ${hostname}: ${(cause as Error).message}. Get one by kinit, and see that ` +
        "the URI has the host's full name",
      { cause },
    );
  }
}

async function step(client: KerberosClient, token: SaslData): Promise<Uint8Array> {
  return fromBase64(await attempt(() => client.step(toBase64(token ?? new Uint8Array(0)))));
}

/** Does what fails where the daemon, or somebody between, does not say what Kerberos expects. */
async function attempt<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new AuthenticationError(`${name}: ${(cause as Error).message}`, { cause });
  }
}

/** A conversation as the package has it: everything is text in base64, and null is nothing. */
interface KerberosClient {
  readonly contextComplete: boolean;
  step(challenge: string): Promise<string | null>;
  wrap(message: string, options: { readonly user: string }): Promise<string | null>;
  unwrap(message: string): Promise<string | null>;
}

/** What is used of the package `kerberos`. Its own types are there only where it is installed. */
interface Kerberos {
  readonly GSS_C_MUTUAL_FLAG: number;
  readonly GSS_C_SEQUENCE_FLAG: number;
  readonly GSS_C_INTEG_FLAG: number;
  readonly GSS_MECH_OID_KRB5: number;
  initializeClient(
    service: string,
    options: { readonly flags: number; readonly mechOID: number },
  ): Promise<KerberosClient>;
}

/** Not spelled out in the import, so that bundlers do not insist on a package that is optional. */
const packageName = "kerberos";

async function load(): Promise<Kerberos> {
  try {
    return await import(packageName);
  } catch (cause) {
    throw new AuthenticationError("it takes a package: npm install kerberos", { cause });
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** Kerberos has null for nothing. */
function fromBase64(text: string | null): Uint8Array {
  return Buffer.from(text ?? "", "base64");
}
