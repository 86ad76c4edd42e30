import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const client = fileURLToPath(new URL("polkit-client.ts", import.meta.url));
const polkitd = ["/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd"].find((path) => existsSync(path));

/** What libvirt asks polkit about. Distributions have this file in a package that starts system services. */
const actions = ["monitor", "manage"].map(
  (action) =>
    `<action id="org.libvirt.unix.${action}"><description>${action}</description><message>${action}?</message>` +
    "<defaults><allow_any>no</allow_any><allow_inactive>no</allow_inactive><allow_active>no</allow_active></defaults></action>",
);

/** A system bus of its own, and on it a real polkitd that knows no other rules than these. */
export class Polkit implements AsyncDisposable {
  /** What a daemon needs to ask this polkitd. */
  readonly env: Readonly<Record<string, string>>;
  readonly #directory: string;
  #bus: ChildProcess | undefined;

  /** @param rule - The body of a function of `action` and `subject`, in polkit's JavaScript. */
  static async create(rule: string): Promise<Polkit> {
    const polkit = new Polkit(await mkdtemp(join(tmpdir(), "virtwire-polkit-")));
    await polkit.#start(rule);
    return polkit;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${directory}/bus` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#bus?.exitCode === null) {
      this.#bus.kill();
      await once(this.#bus, "exit");
    }
    await rm(this.#directory, { recursive: true });
  }

  async #start(rule: string): Promise<void> {
    const file = (name: string) => join(this.#directory, name);
    for (const folder of ["actions", "rules", "services"]) await mkdir(file(folder));
    await writeFile(file("actions/libvirt.policy"), `<policyconfig>${actions.join("")}</policyconfig>`);
    await writeFile(file("rules/test.rules"), `polkit.addRule(function (action, subject) { ${rule} });`);
    // polkitd looks in these places alone, and goes with its bus.
    const places = `mount --bind ${file("actions")} /usr/share/polkit-1/actions && mount --bind ${file("rules")} /etc/polkit-1/rules.d`;
    await writeFile(file("polkitd.sh"), `${places} && exec ${polkitd} --no-debug\n`);
    await writeFile(
      file("services/org.freedesktop.PolicyKit1.service"),
      `[D-BUS Service]\nName=org.freedesktop.PolicyKit1\nExec=/usr/bin/unshare --mount /bin/sh ${file("polkitd.sh")}\n`,
    );
    await writeFile(
      file("bus.conf"),
      `<busconfig><listen>unix:path=${file("bus")}</listen><auth>EXTERNAL</auth><servicedir>${file("services")}</servicedir>` +
        '<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/></policy></busconfig>',
    );
    // polkitd reads the rules as a user of its own.
    await chmod(this.#directory, 0o755);
    const command = [
      "--pdeathsig",
      "TERM",
      "dbus-daemon",
      "--nofork",
      "--print-address",
      `--config-file=${file("bus.conf")}`,
    ];
    this.#bus = spawn("setpriv", command, {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, ...this.env },
    });
    await Promise.race([
      once(this.#bus.stdout!, "data"),
      once(this.#bus, "exit").then(() => {
        throw new Error("dbus-daemon did not start");
      }),
    ]);
  }
}

/** What became of an attempt to connect. */
export interface Attempt {
  /** The class of the error; undefined where all went well. */
  readonly name?: string;
  readonly message?: string;
  /** libvirt's code of the error behind it. */
  readonly code?: number;
}

/** Connects by virtwire, in a process that belongs to this user. */
export async function connectAs(uid: number, uri: string, readonly = false): Promise<Attempt> {
  const args = ["--import", "tsx", client, String(uid), uri, ...(readonly ? ["readonly"] : [])];
  return JSON.parse((await run(process.execPath, args)).stdout) as Attempt;
}

/** What virsh, in a process that belongs to this user, says of its failure; undefined where it has none. */
export async function virshAs(uid: number, uri: string, readonly = false): Promise<string | undefined> {
  const user = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
  const args = [...user, "virsh", ...(readonly ? ["--readonly"] : []), "--connect", uri, "hostname"];
  const { PATH = "" } = process.env;
  try {
    await run("setpriv", args, { env: { PATH, LC_ALL: "C", HOME: "/proc/nonexistent" } });
    return undefined;
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
}
