import { createHash, timingSafeEqual } from "node:crypto";
import { saslprep } from "../../../auth/saslprep.js";
import { Denied, firstMessage, type ServerMechanism, textIn } from "./mechanism.js";

/** PLAIN, RFC 4616: the name and the password as they are. */
export const plain: ServerMechanism = {
  name: "PLAIN",
  usable: ({ findPassword }) => findPassword !== undefined,
  async *exchange({ findPassword }, first) {
    const parts = textIn(yield* firstMessage(first)).split("\0");
    const [actAs = "", userName = "", password = ""] = parts;
    if (parts.length !== 3 || userName === "") throw new Denied("not a name and a password");
    if (actAs !== "" && actAs !== userName) throw new Denied("nobody may act as somebody else");
    const expected = await findPassword?.(userName);
    const given = await saslprep(password, "password");
    const isRight = sameText(given, await saslprep(expected ?? "", "password"));
    if (expected === undefined || !isRight) throw new Denied("wrong name or password");
    return { userName, data: null };
  },
};

/** Takes as long for any text, so that the time tells nothing of what would be right. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
