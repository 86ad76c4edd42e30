import { bytesOf, type Mechanism } from "./mechanism.js";

/** ANONYMOUS, RFC 4505: the daemon does not care who we are. What is sent is for its log. */
export const anonymous: Mechanism = {
  name: "ANONYMOUS",
  plain: true,
  layered: false,
  lacks: () => undefined,
  async *exchange() {
    yield bytesOf("anonymous");
    return undefined;
  },
};
