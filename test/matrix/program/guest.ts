import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, connect, type Domain } from "virtwire";
import { bootSector, serialGuestXML } from "../../support/guest.js";
import type { Scene } from "./check.js";

export interface Guest extends AsyncDisposable {
  readonly conn: Connection;
  readonly domain: Domain;
}

/** A guest in one boot sector that greets on its serial port and turns letters' case over; not started yet. */
export async function bootableGuest(scene: Scene, name: string): Promise<Guest> {
  const image = join(scene.directory, `${name}.img`);
  await writeFile(image, Buffer.concat([bootSector(), Buffer.alloc(2 ** 20 - 512)]));
  const conn = await connect(scene.uris.unix);
  const domain = await conn.domainDefineXML(
    serialGuestXML({ name, image, devices: '<graphics type="vnc" autoport="yes" listen="127.0.0.1"/>' }),
  );
  return {
    conn,
    domain,
    async [Symbol.asyncDispose]() {
      await domain.destroy().catch(() => {});
      await domain.undefine();
      await conn.close();
    },
  };
}
