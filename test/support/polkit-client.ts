/**
 * Becomes another user, connects, and prints what became of that:
 *
 *     polkit-client.ts UID URI [readonly]
 */
import { connect, LibvirtError } from "virtwire";

const [uid, uri, readonly] = process.argv.slice(2);
process.setgroups!([]);
process.setgid!(Number(uid));
process.setuid!(Number(uid));
try {
  await using conn = await connect(uri, { readonly: readonly !== undefined });
  await conn.getHostname();
  console.log("{}");
} catch (error) {
  const { name, message, cause } = error as Error;
  console.log(JSON.stringify({ name, message, ...(cause instanceof LibvirtError && { code: cause.code }) }));
}
