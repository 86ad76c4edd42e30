/**
 * A serverless handler with AWS Lambda's signature: starts, stops or describes a domain. The environment says where:
 *
 *     LIBVIRT_URI=qemu+tcp://host/system  LIBVIRT_USERNAME=…  LIBVIRT_PASSWORD=…
 *
 * Between two invocations the platform freezes the process: no timer fires, and no PING is answered. So the connection is
 * made without keepalive, in which case the daemon does not take a frozen client for a dead one, and before it is used
 * again it is tried. An idle connection of virtwire's keeps no process running, and does nothing by itself.
 */
import { type Connection, connect, DomainState, ErrorNumber, LibvirtError, nameOf } from "virtwire";

interface Request {
  readonly action: "start" | "stop" | "describe";
  readonly domain: string;
}

interface Context {
  getRemainingTimeInMillis(): number;
}

interface Response {
  readonly statusCode: number;
  readonly body: string;
}

/** Time to answer in, after the daemon was too slow. */
const reserveMs = 500;
/** How long a connection that has been frozen may take to show that it lives. */
const trialMs = 1000;

let kept: Connection | undefined;

export async function handler({ action, domain: name }: Request, context: Context): Promise<Response> {
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserveMs));
  try {
    const conn = await connection(signal);
    const domain = await conn.domainLookupByName(name, { signal });
    if (action === "start") await domain.create({ signal });
    else if (action === "stop") await domain.destroy({ signal });
    else if (action !== "describe") return response(400, { error: `unknown action ${action}` });
    const { state } = await domain.getState(0, { signal });
    return response(200, { name: domain.name, uuid: domain.uuid, state: nameOf(DomainState, state) });
  } catch (error) {
    if (signal.aborted) return response(504, { error: "the hypervisor did not answer in time" });
    if (!(error instanceof LibvirtError)) throw error;
    return response(error.code === ErrorNumber.NO_DOMAIN ? 404 : 409, { error: error.message });
  }
}

/** The connection of the last invocation, if it has survived, or a new one. */
async function connection(signal: AbortSignal): Promise<Connection> {
  const old = kept;
  if (old?.isAlive()) {
    try {
      await old.getLibVersion({ signal, timeoutMs: trialMs });
      return old;
    } catch {
      void old.close();
    }
  }
  const { LIBVIRT_URI, LIBVIRT_USERNAME: username, LIBVIRT_PASSWORD: password } = process.env;
  const auth = username !== undefined && password !== undefined ? { username, password } : undefined;
  kept = await connect(LIBVIRT_URI, { auth, keepAlive: false, signal });
  return kept;
}

function response(statusCode: number, body: object): Response {
  return { statusCode, body: JSON.stringify(body) };
}
