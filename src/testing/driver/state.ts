import type { Handlers } from "../server/handlers.js";
import type { Registrations } from "./handlers/registrations.js";
import type { World } from "./world.js";

/** What the driver keeps for a client that has opened a world. */
export interface ClientState {
  readonly world: World;
  /** What it asked to open. */
  readonly uri: string;
  readonly registrations: Registrations;
}

export type DriverHandlers = Handlers<ClientState>;
