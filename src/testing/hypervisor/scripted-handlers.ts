import { connectOpen, connectSupportsFeature } from "../../protocol/generated/remote.js";
import type { Procedure } from "../../protocol/procedure.js";
import type { Client } from "../server/client.js";
import { apiFunctions } from "../server/generated/functions.js";
import { type Answer, type Handler, Handlers } from "../server/handlers.js";
import { findProgram } from "../server/programs.js";
import { unsupported } from "../server/refusals.js";
import type { Script } from "./script.js";

/** A driver's handlers, with a script between them and the calls. */
export class ScriptedHandlers<State> extends Handlers<State> {
  readonly #driver: Handlers<State>;
  readonly #script: Script;

  /** `arrived` is called with each client that wants to open the hypervisor, and may drop it. */
  constructor(driver: Handlers<State>, script: Script, arrived: (client: Client) => void) {
    super(async (args, client) => {
      arrived(client);
      const state = await script.play(opening, args, client, () => driver.open(args, client));
      return state as State;
    });
    this.#driver = driver;
    this.#script = script;
  }

  override find(program: number, number: number): Answer<State> | undefined {
    const answer = this.#driver.find(program, number);
    const procedure = findProgram(program)?.get(number);
    // What is asked behind the scenes, when something is called for the first time.
    if (!procedure || number === connectSupportsFeature.number) return answer;
    const perform = answer?.handle as Handler<State, unknown, unknown> | undefined;
    return {
      procedure,
      handle: (args, client) =>
        this.#script.play(procedure, args, client, () => {
          if (perform) return perform(args, client);
          throw unsupported(apiFunctions.get(procedure.name)!);
        }),
    };
  }
}

const opening = connectOpen as Procedure<unknown, unknown>;
