import { access, constants, readFile } from "node:fs/promises";
import { AuthenticationError } from "../errors.js";
import { type KeyFile, parseKeyFile } from "./key-file.js";

/** What an auth.conf may have for a login. */
export interface StoredCredentials {
  /** The file that this is from. */
  readonly file: string;
  readonly username?: string | undefined;
  readonly authname?: string | undefined;
  readonly password?: string | undefined;
  readonly realm?: string | undefined;
}

export interface AuthConfQuery {
  /** What to log in to, such as `libvirt` or `ssh`. */
  readonly service: string;
  /** The host, as the URI has it. */
  readonly hostname: string;
  /** What the URI names by `authfile=`. */
  readonly authfile?: string | undefined;
  /** The folder with the user's libvirt configuration. */
  readonly userDirectory: string;
  /** What the environment names, by LIBVIRT_AUTH_FILE: it counts before all others. */
  readonly fromEnvironment?: string | undefined;
}

const systemDirectory = "/etc/libvirt";

/**
 * Looks for credentials in the first of these files: the environment's, the URI's, the user's own, the system's. The
 * first two have to be readable, the others need not exist.
 */
export async function loadAuthConf(query: AuthConfQuery): Promise<StoredCredentials | undefined> {
  const file = query.fromEnvironment ?? query.authfile ?? (await usualFile(query.userDirectory));
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new AuthenticationError(`Cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  return lookUp(parseKeyFile(text, file), file, query);
}

async function usualFile(userDirectory: string): Promise<string | undefined> {
  for (const directory of [userDirectory, systemDirectory]) {
    const file = `${directory}/auth.conf`;
    try {
      await access(file, constants.R_OK);
      return file;
    } catch {
      // As in C, a file that we may not read does not exist for us.
    }
  }
  return undefined;
}

function lookUp(
  groups: KeyFile,
  file: string,
  { service, hostname }: AuthConfQuery,
): StoredCredentials | undefined {
  const name = [hostname, "default"]
    .map((host) => `auth-${service}-${host}`)
    .find((group) => groups.has(group));
  if (name === undefined) return undefined;
  const reference = groups.get(name)?.get("credentials");
  if (reference === undefined) throw new AuthenticationError(`${file}: [${name}] has no credentials=NAME`);
  const group = groups.get(`credentials-${reference}`);
  if (!group) {
    throw new AuthenticationError(
      `${file}: there is no [credentials-${reference}], which [${name}] refers to`,
    );
  }
  const value = (key: string) => {
    const text = group.get(key);
    if (text?.includes("\ufffd"))
      throw new AuthenticationError(`${file}: the ${key} in [credentials-${reference}] is not UTF-8`);
    return text;
  };
  return {
    file,
    username: value("username"),
    authname: value("authname"),
    password: value("password"),
    realm: value("realm"),
  };
}
