import { bytesOf, lackOfPassword, type Mechanism, malformed } from "./mechanism.js";

const { createHmac } = process.getBuiltinModule("node:crypto");

/** CRAM-MD5, RFC 2195: shows that we know the password. The daemon shows nothing. */
export const cramMd5: Mechanism = {
  name: "CRAM-MD5",
  plain: false,
  layered: false,
  lacks: lackOfPassword,
  async *exchange({ credentials }) {
    const { authname, password } = await credentials.login("CRAM-MD5");
    const challenge = yield null;
    if (!challenge?.length) throw malformed("CRAM-MD5", "it sends no challenge");
    yield bytesOf(`${authname} ${createHmac("md5", password).update(challenge).digest("hex")}`);
    return undefined;
  },
};
