import { UnsupportedError } from "../../errors.js";

/** The package `ssh2`, as far as it is used. */
export type Ssh2 = typeof import("ssh2");

/** Not spelled out in the import, so that bundlers do not insist on a package that is optional. */
const packageName = "ssh2";

export async function loadSsh2(transport: string): Promise<Ssh2> {
  try {
    const { default: ssh2 } = await import(packageName);
    return ssh2;
  } catch (cause) {
    throw new UnsupportedError(
      `The transport ${transport} takes a package: npm install ssh2. The transport ssh takes the program ssh instead`,
      { cause },
    );
  }
}
