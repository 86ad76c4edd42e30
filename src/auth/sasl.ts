import { AuthenticationError } from "../errors.js";
import { authSaslInit, authSaslStart, authSaslStep } from "../protocol/generated/remote.js";
import type { Call } from "./call.js";
import type { SaslContext, SaslData } from "./mechanism.js";
import { chooseMechanism } from "./mechanisms.js";
import type { AuthenticationObserver } from "./observer.js";
import type { SecurityLayer } from "./security-layer.js";

/**
 * Authenticates by SASL, and returns the layer to protect with what follows, if there is one.
 *
 * @param wanted - The mechanism that the URI asks for.
 */
export async function authenticateSasl(
  call: Call,
  context: SaslContext,
  wanted: string | undefined,
  observer?: AuthenticationObserver,
): Promise<SecurityLayer | undefined> {
  const { mechlist } = await call(authSaslInit, undefined);
  const offered = mechlist.split(/[\s,]+/).filter(Boolean);
  const mechanism = await chooseMechanism(offered, wanted, context, observer);
  const exchange = mechanism.exchange(context);
  try {
    let step = await exchange.next();
    let reply = await call(authSaslStart, { mech: mechanism.name, ...toWire(step.value) });
    // Even when the daemon is content the client may not be: it is its turn to check what the daemon says last.
    for (;;) {
      const wasDone = step.done === true;
      if (!wasDone) step = await exchange.next(fromWire(reply));
      if (step.done && reply.complete !== 0) return step.value;
      if (wasDone) throw new AuthenticationError(`${mechanism.name} is over, but the daemon does not say so`);
      reply = await call(authSaslStep, toWire(step.done ? null : step.value));
    }
  } finally {
    await exchange.return(undefined);
  }
}

function toWire(data: SaslData | SecurityLayer | undefined) {
  return data instanceof Uint8Array ? { nil: 0, data } : { nil: 1, data: new Uint8Array(0) };
}

function fromWire({ nil, data }: { readonly nil: number; readonly data: Uint8Array }): SaslData {
  return nil === 0 ? data : null;
}
