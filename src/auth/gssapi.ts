import { AuthenticationError } from "../errors.js";
import { completeContext, readRequest } from "./kerberos/context.js";
import { KerberosLayer } from "./kerberos/layer.js";
import { type Mechanism, malformed, type SaslContext, type SaslData } from "./mechanism.js";

const name = "GSSAPI";

/** The bits by which a daemon offers to do without a layer of GSSAPI's own, and one that encrypts. */
const noLayer = 1;
const encryption = 4;

/**
 * GSSAPI, RFC 4752: by a ticket of Kerberos, which the optional package `kerberos` and the system's library handle.
 * That package's `wrap` puts a message of its own in the place of ours. So where what follows has to be encrypted, we do
 * that ourselves, by the key that the library keeps with the ticket.
 */
export const gssapi: Mechanism = {
  name,
  plain: false,
  layered: true,
  async lacks(context) {
    try {
      const { token } = await begin(context);
      if (!context.channel.secure) await readRequest(token);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
  async *exchange(context) {
    const { client, token: first } = await begin(context);
    let token: SaslData = first;
    let answer: SaslData = null;
    while (!client.contextComplete) {
      answer = yield token;
      token = await step(client, answer);
    }

    const offer = (yield token) ?? new Uint8Array(0);
    const layers = fromBase64(await attempt(() => client.unwrap(toBase64(offer))));
    if (layers.length !== 4) throw malformed(name, "its offer of layers has not four bytes");
    const user = context.credentials.actAs ?? "";
    if (context.channel.secure) {
      if ((layers[0]! & noLayer) === 0) {
        throw new AuthenticationError(`${name}: the daemon insists on a layer, where all is safe already`);
      }
      yield fromBase64(await attempt(() => client.wrap(toBase64(layers), { user })));
      return undefined;
    }
    if ((layers[0]! & encryption) === 0) {
      throw new AuthenticationError(
        `${name}: the daemon does not offer to encrypt what follows: use tls or ssh`,
      );
    }
    const peerTakes = layers.readUIntBE(1, 3);
    if (peerTakes < smallestBuffer)
      throw malformed(name, `it takes no more than ${peerTakes} bytes at a time`);
    const layer = new KerberosLayer(completeContext(await readRequest(first), answer ?? offer), peerTakes);
    // The offer was the daemon's first message.
    layer.skip();
    const choice = Buffer.alloc(4);
    choice.writeUInt32BE((encryption << 24) | layer.maxSealed);
    yield layer.seal(Buffer.concat([choice, Buffer.from(user)]));
    return layer;
  },
};

/** What a daemon has to take at a time, for anything to get through. */
const smallestBuffer = 512;

/** Gets a ticket for the daemon, and from it the first message. */
async function begin({ hostname }: Pick<SaslContext, "hostname">) {
  const kerberos = await load();
  // The daemon has to prove who it is, too. The package's types know the flags by a name that it does not know itself.
  const { GSS_C_MUTUAL_FLAG, GSS_C_SEQUENCE_FLAG, GSS_C_INTEG_FLAG, GSS_C_CONF_FLAG } = kerberos;
  const flags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG;
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
  readonly GSS_C_CONF_FLAG: number;
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
function fromBase64(text: string | null): Buffer {
  return Buffer.from(text ?? "", "base64");
}
