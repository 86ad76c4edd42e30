import type { Socket } from "node:net";

type Pipe = Pick<Socket, "destroyed"> & Partial<Pick<Socket, "ref" | "unref">>;

/**
 * Says whether a pipe alone keeps the process running. One that is gone does not: Node takes it for one that is to be
 * connected yet, and has it listen for that, once more each time.
 */
export function keepRunning(pipe: Pipe, running: boolean): void {
  if (pipe.destroyed) return;
  if (running) pipe.ref?.();
  else pipe.unref?.();
}
