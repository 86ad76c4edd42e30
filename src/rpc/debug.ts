import type { Session } from "./session.js";

/** Has a session's messages printed where the environment variable `VIRTWIRE_DEBUG` asks for that. */
export async function printIfAsked(session: Session): Promise<void> {
  const topics = process.env["VIRTWIRE_DEBUG"]?.split(",") ?? [];
  if (!topics.includes("rpc")) return;
  const { WireTrace } = await import("./wire-trace.js");
  session.show(new WireTrace(session.connection));
}
