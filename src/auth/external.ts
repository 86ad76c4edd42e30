import { bytesOf, type Mechanism } from "./mechanism.js";

/** EXTERNAL, RFC 4422: the daemon knows already who we are, by our certificate or our user id. */
export const external: Mechanism = {
  name: "EXTERNAL",
  plain: true,
  layered: false,
  lacks: () => undefined,
  async *exchange({ credentials }) {
    yield bytesOf(credentials.actAs ?? "");
    return undefined;
  },
};
