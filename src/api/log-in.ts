import { loadAuthConf } from "../auth/auth-conf.js";
import { authenticate } from "../auth/authenticate.js";
import { type AuthOption, Credentials } from "../auth/credentials.js";
import type { AuthenticationObserver } from "../auth/observer.js";
import type { Callee } from "../rpc/link.js";
import type { Session } from "../rpc/session.js";
import { thisHost, userConfigDirectory } from "../transport/host.js";
import type { SshAnswers } from "../transport/ssh/answers.js";
import type { LibvirtUri } from "../transport/uri.js";

/** Does what the daemon asks for before it serves anybody; from then on what was agreed on protects the session. */
export async function logIn(
  session: Callee & Pick<Session, "peer" | "secure" | "protect">,
  target: LibvirtUri,
  auth: AuthOption | undefined,
  signal: AbortSignal | undefined,
  observer?: AuthenticationObserver,
): Promise<void> {
  const hostname = hostnameOf(target);
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
        const stored = typeof auth === "object" ? undefined : await storedCredentials("libvirt", target);
        return new Credentials({ auth, stored, hostname, signal, observer });
      },
      observer,
    },
  );
  if (layer) session.protect(layer);
}

/** What a server that is reached by ssh wants to know of the same sources. */
export function sshAnswers(
  target: LibvirtUri,
  auth: AuthOption | undefined,
  signal: AbortSignal | undefined,
): SshAnswers {
  const credentials = new Credentials({ auth, stored: undefined, hostname: hostnameOf(target), signal });
  return {
    async password(user) {
      // A password for the daemon is nothing for the server to see, unless both know us by the same name.
      if (typeof auth === "object" && auth.username === user) return auth.password;
      return (await storedCredentials("ssh", target))?.password;
    },
    ask:
      typeof auth === "function"
        ? (questions) => credentials.ask(questions.map((one) => ({ ...one, defaultResult: null })))
        : undefined,
  };
}

function hostnameOf(target: LibvirtUri): string {
  return target.host ?? "localhost";
}

function storedCredentials(service: "libvirt" | "ssh", target: LibvirtUri) {
  return loadAuthConf({
    service,
    hostname: hostnameOf(target),
    authfile: target.options.authfile,
    userDirectory: userConfigDirectory(thisHost()),
    fromEnvironment: process.env["LIBVIRT_AUTH_FILE"],
  });
}
