import * as remote from "../../protocol/generated/remote.js";
import { withDeadline } from "../../rpc/deadline.js";
import { Session } from "../../rpc/session.js";
import { thisHost } from "../../transport/host.js";
import { presentableUser } from "../../transport/uri-syntax.js";
import { Examination, StepFailed } from "./diagnosis.js";
import { askFeatures, askHypervisor, askLibrary, measureRoundTrip, open } from "./hypervisor.js";
import { Login } from "./logging-in.js";
import { Approach, type Circumstances, findAddress, findCertificates } from "./reaching.js";
import { checkParameters, findUri, readConfiguration } from "./resolution.js";
import type { Diagnosis, StepResult } from "./steps.js";

export interface ExamineOptions {
  readonly readonly: boolean;
  readonly timeoutMs: number;
  /** Hears of each step when it is over. */
  readonly onStep: (step: StepResult) => void;
}

/** Connects as `connect()` does, by the same functions, and keeps a record of every step until one fails. */
export async function examine(
  given: string | undefined,
  { readonly, timeoutMs, onStep }: ExamineOptions,
): Promise<Diagnosis> {
  const examination = new Examination(onStep);
  try {
    await withDeadline({ timeoutMs }, "virtwire doctor", (signal) =>
      inOrder(examination, given, { readonly, signal, host: thisHost() }),
    );
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  }
  examination.end();
  return examination.diagnosis;
}

/** The steps, each of which needs what those before it have found. */
async function inOrder(
  examination: Examination,
  given: string | undefined,
  circumstances: Circumstances,
): Promise<void> {
  const { host, signal } = circumstances;
  const step: Examination["step"] = (name, run) => examination.step(name, run);

  const config = await step("configuration", (notes) => readConfiguration(host, notes));
  const uri = await step("uri", (notes) => findUri(given, config, host, notes));
  if (uri.user?.includes(":")) examination.hide(uri.user, presentableUser(uri.user));
  await step("parameters", (notes) => checkParameters(uri, notes));
  await step("address", (notes) => findAddress(uri, circumstances, notes));
  await step("certificates", (notes) => findCertificates(uri, host, notes));

  const approach = new Approach(uri, circumstances);
  await step("connection", (notes) => approach.reach(notes));
  const transport = await step("tls", (notes) => approach.secure(notes));

  const session = new Session(transport);
  try {
    const login = new Login(session, uri);
    await step("greeting", (notes) => login.greet(signal, notes));
    await step("authentication", (notes) => login.finish(transport, notes));
    await step("open", (notes) => open(session, uri, circumstances, notes));
    await step("hypervisor", (notes) => askHypervisor(session, circumstances, notes));
    await step("library", (notes) => askLibrary(session, circumstances, notes));
    await step("roundTrip", (notes) => measureRoundTrip(session, circumstances, notes));
    await step("features", (notes) => askFeatures(session, circumstances, notes));
    await session.close(remote.connectClose);
  } finally {
    await session.close();
  }
}
