import { Denied, firstMessage, type ServerMechanism, textIn } from "./mechanism.js";

/** EXTERNAL, RFC 4422: the client's certificate, or the socket that it could open, says who it is. */
export const external: ServerMechanism = {
  name: "EXTERNAL",
  usable: ({ externalName }) => externalName !== undefined,
  async *exchange({ externalName }, first) {
    const actAs = textIn(yield* firstMessage(first));
    if (externalName === undefined) throw new Denied("nobody vouches for the client");
    if (actAs !== "" && actAs !== externalName) throw new Denied("nobody may act as somebody else");
    return { userName: externalName, data: null };
  },
};
