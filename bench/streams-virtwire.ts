/** A volume's bytes as a program moves them: streams-virtwire.ts WORK URI FILE */
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { connect, receiveFile, sendFile } from "../src/index.js";
import { chosen, serve, type Work } from "./worker.js";

const [, uri, file] = process.argv.slice(2) as [string, string, string];
const connection = await connect(uri);
const volume = await (await connection.storagePoolLookupByName("bench")).storageVolLookupByName("volume");
const mebibytes = (await stat(file)).size / 2 ** 20;
const copy = `${file}.${process.pid}`;

/** Moves all of it as often as there is time. */
function transfers(once: () => Promise<void>): Work {
  return async (more) => {
    let done = 0;
    do {
      await once();
      done += mebibytes;
    } while (more());
    return done;
  };
}

async function calls(more: () => boolean): Promise<number> {
  let done = 0;
  do {
    await connection.getHostname();
    done++;
  } while (more());
  return done;
}

await serve(
  chosen<Work>({
    sendFile: transfers(async () => sendFile(file, await volume.upload())),
    "upload pipeline": transfers(async () => pipeline(createReadStream(file), await volume.upload())),
    receiveFile: transfers(async () => receiveFile(await volume.download(), copy)),
    "download pipeline": transfers(async () => pipeline(await volume.download(), createWriteStream(copy))),
    "calls alone": calls,
    async "calls meanwhile"(more) {
      let going = true;
      const transfer = (async () => {
        while (going) for await (const _ of await volume.download()) if (!going) break;
      })();
      const done = await calls(more);
      going = false;
      await transfer;
      return done;
    },
  }),
);
await connection.close();
