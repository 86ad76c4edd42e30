import { access, readFile } from "node:fs/promises";

/** The environment variables that have a say in where a connection leads. */
export interface Environment {
  readonly HOME?: string | undefined;
  readonly LIBVIRTD_PATH?: string | undefined;
  readonly LIBVIRT_ADMIN_DEFAULT_URI?: string | undefined;
  readonly LIBVIRT_AUTOSTART?: string | undefined;
  readonly LIBVIRT_DEFAULT_URI?: string | undefined;
  readonly PATH?: string | undefined;
  readonly VIRTD_PATH?: string | undefined;
  readonly SSH_AUTH_SOCK?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly XDG_RUNTIME_DIR?: string | undefined;
}

/** What the rules for URIs, configuration files and sockets ask of the machine. Tests bring their own. */
export interface Host {
  readonly env: Environment;
  /** The effective user id: root talks to the system's daemon, others mostly to their own. */
  readonly uid: number;
  /** The file's text, or undefined where there is no such file. */
  readFile(path: string): Promise<string | undefined>;
}

/** The machine this process runs on. */
export function thisHost(): Host {
  return {
    env: process.env,
    // Without user ids (Windows) there is no system daemon to be root for.
    uid: process.geteuid?.() ?? -1,
    async readFile(path) {
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        // Like the C client: a file behind a folder that we may not enter does not exist for us.
        if ((error as NodeJS.ErrnoException).code === "ENOENT" || !(await isThere(path))) return undefined;
        throw error;
      }
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The folder with the user's libvirt configuration. */
export function userConfigDirectory(host: Host): string {
  return `${host.env.XDG_CONFIG_HOME || `${home(host)}/.config`}/libvirt`;
}

/** The folder with the sockets of the user's own daemons. Without XDG_RUNTIME_DIR it is in the cache, as GLib has it. */
export function userRuntimeDirectory(host: Host): string {
  return `${host.env.XDG_RUNTIME_DIR || host.env.XDG_CACHE_HOME || `${home(host)}/.cache`}/libvirt`;
}

/** The folder with the user's own certificates for TLS. */
export function userPkiDirectory(host: Host): string {
  return `${home(host)}/.pki/libvirt`;
}

/** The folder with the user's own keys for ssh. */
export function userSshDirectory(host: Host): string {
  return `${home(host)}/.ssh`;
}

function home(host: Host): string {
  if (host.env.HOME?.startsWith("/")) return host.env.HOME;
  try {
    return process.getBuiltinModule("node:os").homedir();
  } catch {
    // A container's user need not have an account. GLib takes the root directory then.
    return "";
  }
}

/** The name of the user whom this process runs as, or the number where there is no account for it. */
export function userName(): string {
  try {
    return process.getBuiltinModule("node:os").userInfo().username;
  } catch {
    return String(process.geteuid?.());
  }
}
