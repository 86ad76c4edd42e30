import { loadAuthConf } from "../auth/auth-conf.js";
import { authenticate } from "../auth/authenticate.js";
import { type AuthOption, Credentials } from "../auth/credentials.js";
import type { AuthenticationObserver } from "../auth/observer.js";
import type { Session } from "../rpc/session.js";
import { thisHost, userConfigDirectory } from "../transport/host.js";
import type { LibvirtUri } from "../transport/uri.js";

/** Does what the daemon asks for before it serves anybody; from then on what was agreed on protects the session. */
export async function logIn(
  session: Pick<Session, "peer" | "secure" | "call" | "protect">,
  target: LibvirtUri,
  auth: AuthOption | undefined,
  signal: AbortSignal | undefined,
  observer?: AuthenticationObserver,
): Promise<void> {
  const hostname = target.host ?? "localhost";
  const layer = await authenticate(
    {
      peer: session.peer,
      secure: session.secure,
      call: (procedure, args) => session.call(procedure, args, { signal }),
    },
    {
      wanted: target.options.auth,
      hostname,
      credentials: async () => {
        const stored = typeof auth === "object" ? undefined : await storedCredentials(target, hostname);
        return new Credentials({ auth, stored, hostname, signal, observer });
      },
      observer,
    },
  );
  if (layer) session.protect(layer);
}

function storedCredentials(target: LibvirtUri, hostname: string) {
  return loadAuthConf({
    service: "libvirt",
    hostname,
    authfile: target.options.authfile,
    userDirectory: userConfigDirectory(thisHost()),
    fromEnvironment: process.env["LIBVIRT_AUTH_FILE"],
  });
}
