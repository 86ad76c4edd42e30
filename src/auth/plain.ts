import { AuthenticationError } from "../errors.js";
import { bytesOf, lackOfPassword, type Mechanism } from "./mechanism.js";

/** PLAIN, RFC 4616: the name and the password as they are. */
export const plain: Mechanism = {
  name: "PLAIN",
  plain: true,
  layered: false,
  lacks: lackOfPassword,
  async *exchange({ credentials }) {
    const { authname, password, actAs = "" } = await credentials.login("PLAIN");
    if (`${authname}${password}${actAs}`.includes("\0")) {
      throw new AuthenticationError("PLAIN cannot send a name or password with a NUL in it");
    }
    yield bytesOf(`${actAs}\0${authname}\0${password}`);
    return undefined;
  },
};
