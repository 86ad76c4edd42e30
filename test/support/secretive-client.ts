/** Uses a secret in every way that there is: secretive-client.ts URI SECRET, which is the password, too. */
import { connect, DomainXMLFlags } from "virtwire";
import { qemuDomainXML } from "./fixtures.js";

const [, , uri = "", secret = ""] = process.argv;
await using conn = await connect(uri, { auth: { username: "user", password: secret } });
await conn.on("domain.lifecycle", () => {});

const stored = await conn.secretDefineXML(
  "<secret ephemeral='yes'><usage type='ceph'><name>x</name></usage></secret>",
);
await stored.setValue(Buffer.from(secret));
if (Buffer.from(await stored.getValue()).toString() !== secret) throw new Error("another value");
await stored.undefine();

const devices = `<graphics type="vnc" autoport="yes" passwd="${secret}"/>`;
const domain = await conn.domainDefineXML(qemuDomainXML({ name: "web", devices }));
const xml = await domain.getXMLDesc(DomainXMLFlags.SECURE);
if (!xml.includes(secret)) throw new Error("no password");

// The domain does not run, so that these are refused.
const setPassword = { execute: "set_password", arguments: { protocol: "vnc", password: secret } };
const refused = await Promise.allSettled([
  domain.setUserPassword("root", secret),
  domain.qemuMonitorCommand(JSON.stringify(setPassword)),
  domain.qemuMonitorCommand(`change vnc password ${secret}`, 1),
  domain.qemuAgentCommand(JSON.stringify(setPassword), 1),
]);
if (refused.some(({ status }) => status === "fulfilled")) throw new Error("nothing refused");
await domain.undefine();
