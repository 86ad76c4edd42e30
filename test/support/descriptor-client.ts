/**
 * Calls for a descriptor at each of these sockets, and prints what comes of it: a line of JSON for each. It ends with
 * nothing closed.
 */
import { remote } from "../../src/protocol/index.js";
import { DescriptorChannel } from "../../src/rpc/descriptor-channel.js";
import { connectForDescriptors } from "../../src/transport/descriptors.js";

const dom = { name: "guest", uuid: new Uint8Array(16), id: 1 };

for (const path of process.argv.slice(2)) {
  const channel = new DescriptorChannel(await connectForDescriptors(path, {}));
  try {
    const { descriptors } = await channel.callWith(
      remote.domainOpenGraphicsFd,
      { dom, idx: 0, flags: 0 },
      [],
    );
    for (const socket of descriptors) socket.destroy();
    console.log(JSON.stringify({ taken: descriptors.length }));
  } catch (error) {
    const { name, message } = error as Error;
    console.log(JSON.stringify({ name, message }));
  }
}
