import { type MessageHeader, MessageStatus } from "../../protocol/generated/net.js";
import {
  authList,
  authPolkit,
  authSaslInit,
  authSaslStart,
  authSaslStep,
  connectClose,
  connectOpen,
  connectSupportsFeature,
} from "../../protocol/generated/remote.js";
import { type Procedure, programVersion } from "../../protocol/procedure.js";
import { XdrReader } from "../../protocol/xdr.js";
import { DriverFeature } from "../../rpc/feature.js";
import type { Connection } from "./connection.js";
import { apiFunctions } from "./generated/functions.js";
import { type Handler, type Handlers, LateAnswer, type OpenedStream } from "./handlers.js";
import { type AnyProcedure, findProgram } from "./programs.js";
import { internalError, loginFailed, readOnly, rpcError, unsupported } from "./refusals.js";

type OwnHandler<State> = (args: unknown, client: Connection<State>) => unknown;

/** The flag of `connectOpen` for those who only want to look. */
const openReadOnly = 1;

/** The features that are the server's and not the driver's. */
const ownFeatures: ReadonlyMap<number, boolean> = new Map([
  [DriverFeature.REMOTE_EVENT_CALLBACK, true],
  [DriverFeature.REMOTE_CLOSE_CALLBACK, true],
  [DriverFeature.FD_PASSING, true],
]);

/** Answers calls: by itself what is about the connection, and by the driver's handlers all else. */
export class Dispatcher<State> {
  readonly #handlers: Handlers<State>;
  readonly #onError: (error: unknown, procedure: string) => void;
  readonly #authenticated: () => void;
  readonly #own = new Map<AnyProcedure, OwnHandler<State>>();

  /** `authenticated` is called when a client has logged in. */
  constructor(
    handlers: Handlers<State>,
    onError: (error: unknown, procedure: string) => void,
    authenticated: () => void,
  ) {
    this.#handlers = handlers;
    this.#onError = onError;
    this.#authenticated = authenticated;
    this.#answerOwn(authList, (_args, { login }) => ({ types: login.types }));
    this.#answerOwn(authSaslInit, (_args, { login }) => ({ mechlist: login.begin() }));
    this.#answerOwn(authSaslStart, async (args, { login }) => this.#loggedIn(await login.start(args)));
    this.#answerOwn(authSaslStep, async (args, { login }) => this.#loggedIn(await login.step(args)));
    this.#answerOwn(authPolkit, () => {
      throw loginFailed();
    });
    this.#answerOwn(connectOpen, async ({ name, flags }, client) => {
      if (client.isOpen) throw internalError("connection already open");
      const isReadOnly = client.readonly || (flags & openReadOnly) !== 0;
      const args = { name, flags: isReadOnly ? flags | openReadOnly : flags };
      client.opened(await this.#handlers.open(args, client), isReadOnly);
    });
    this.#answerOwn(connectClose, () => {});
    this.#answerOwn(connectSupportsFeature, async (args, client) => ({
      supported: Number(await this.#supports(args.feature, client)),
    }));
  }

  /** Answers a call, one way or the other. */
  async answer(client: Connection<State>, call: MessageHeader, payload: Uint8Array): Promise<void> {
    try {
      const procedure = procedureOf(call);
      const isAuthentication = procedure.name.startsWith("REMOTE_PROC_AUTH_");
      if (!isAuthentication && !client.login.done) throw rpcError("authentication required");
      const args = argumentsIn(procedure, payload);
      const own = this.#own.get(procedure);
      if (own) this.#reply(client, call, procedure, await own(args, client));
      else await this.#byDriver(client, call, procedure, args);
      if (procedure.name === connectClose.name) client.end();
    } catch (error) {
      client.refuse(call, error);
    }
  }

  async #byDriver(
    client: Connection<State>,
    call: MessageHeader,
    procedure: AnyProcedure,
    args: unknown,
  ): Promise<void> {
    if (!client.isOpen) throw internalError("hypervisor connection not open");
    const fn = apiFunctions.get(procedure.name)!;
    if (fn.changes && client.readonly) throw readOnly(fn);
    const answer = this.#handlers.find(procedure.program, procedure.number);
    if (!answer) throw unsupported(fn);
    if (procedure.stream && !client.hasRoomForStream(call)) {
      throw rpcError("too many streams, or two for one serial");
    }
    const value = await (answer.handle as Handler<State, unknown, unknown>)(args, client);
    const finish = (result: unknown) => this.#finish(client, call, procedure, args, result);
    if (value instanceof LateAnswer) {
      void value.value.then(finish).catch((error: unknown) => client.refuse(call, error));
    } else finish(value);
  }

  /** Answers with what the driver's handler has returned. */
  #finish(
    client: Connection<State>,
    call: MessageHeader,
    procedure: AnyProcedure,
    args: unknown,
    value: unknown,
  ): void {
    if (!procedure.stream) {
      this.#reply(client, call, procedure, value);
      return;
    }
    const { reply, run } = value as OpenedStream<unknown>;
    this.#reply(client, call, procedure, reply);
    const sparse = ((args as { readonly flags: number }).flags & (procedure.sparseFlag ?? 0)) !== 0;
    client.openStream(call, { sparse, direction: procedure.stream, run });
  }

  #reply(client: Connection<State>, call: MessageHeader, procedure: AnyProcedure, value: unknown): void {
    try {
      client.reply(call, procedure.ret, value);
    } catch (error) {
      this.#onError(error, procedure.name);
      throw rpcError("Unable to encode message payload");
    }
  }

  async #supports(feature: number, client: Connection<State>): Promise<boolean> {
    if (feature === DriverFeature.PROGRAM_KEEPALIVE) {
      client.startKeepAlive();
      return true;
    }
    if (!client.isOpen) throw internalError("hypervisor connection not open");
    const own = ownFeatures.get(feature);
    if (own !== undefined) return own;
    const answer = this.#handlers.find(connectSupportsFeature.program, connectSupportsFeature.number);
    if (!answer) return false;
    const handle = answer.handle as Handler<State, unknown, { readonly supported: number }>;
    return (await handle({ feature }, client)).supported !== 0;
  }

  #loggedIn<Ret extends { readonly complete: number }>(ret: Ret): Ret {
    if (ret.complete !== 0) this.#authenticated();
    return ret;
  }

  #answerOwn<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    handle: (args: Args, client: Connection<State>) => Ret | Promise<Ret>,
  ): void {
    // A handler is only ever called with what its own procedure's codec has read.
    this.#own.set(procedure as AnyProcedure, handle as OwnHandler<State>);
  }
}

/** The procedure that is called. What libvirtd checks first is checked first here. */
function procedureOf({ prog, vers, proc, status }: MessageHeader): AnyProcedure {
  const program = vers === programVersion ? findProgram(prog) : undefined;
  // libvirtd prints both as signed.
  if (!program) throw rpcError(`Cannot find program ${prog | 0} version ${vers | 0}`);
  if (status !== MessageStatus.OK) throw rpcError(`Unexpected message status ${status >>> 0}`);
  const procedure = program.get(proc);
  if (!procedure) throw rpcError(`unknown procedure: ${proc}`);
  return procedure;
}

/** Like libvirtd, this does not mind what is left behind them. */
function argumentsIn(procedure: AnyProcedure, payload: Uint8Array): unknown {
  try {
    return procedure.args.decode(new XdrReader(payload), procedure.args.name);
  } catch {
    throw rpcError("Unable to decode message payload");
  }
}
