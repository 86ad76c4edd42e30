import type { Procedure } from "../xdr/protocol.js";

/** Rights that let nobody change anything. */
const toRead = /:(?:getattr|read|read_secure|search_\w+)(?::|$)/;

/** Words in the names of procedures that tell of something. */
const telling = new Set("GET LIST LOOKUP NUM IS HAS SUPPORTS STATS COMPARE BASELINE".split(" "));

/** Those that tell of something only once. */
const once = new Set(["REMOTE_PROC_DOMAIN_GET_JOB_STATS"]);

/**
 * Whether calling a procedure a second time does no more than calling it once. libvirt does not say so in as many
 * words; what it says is which rights a call takes, and what it is called. Neither is enough: setting the scheduler's
 * parameters has been filed under reading, and registering for events takes no more than that.
 */
export function isIdempotent({ name, stream, annotations }: Procedure): boolean {
  const rights = annotations.filter((one) => one.name === "acl").map((one) => one.value);
  return (
    stream === undefined &&
    !once.has(name) &&
    name.split("_").some((word) => telling.has(word)) &&
    rights.every((right) => toRead.test(right))
  );
}
