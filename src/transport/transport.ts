/** What a transport tells the one who started it. Called never before `start`, and never after `closed`. */
export interface TransportHandler {
  /** Bytes arrived. Their memory is used again as soon as this returns: what is to be kept has to be copied. */
  received(bytes: Uint8Array): void;
  /** The pipe is gone: because the peer ended it (no error), or because it broke. Called exactly once. */
  closed(error?: Error): void;
  /** All has been sent, after a `write` that said that it has not. */
  drained?(): void;
}

/** A connected and, where the URI asks for it, encrypted byte pipe to a daemon. */
export interface Transport {
  /** Where it leads, for people: `unix:/run/libvirt/libvirt-sock`, `tcp:host:16509`. */
  readonly peer: string;
  /** Whether what is sent on it is safe from listeners: secrets go over no other pipe in clear. */
  readonly secure: boolean;
  /** Whether it is safe because it is encrypted; a unix socket needs no such thing. */
  readonly encrypted: boolean;
  /** Begins delivery. Called once; what arrived earlier is delivered then. */
  start(handler: TransportHandler): void;
  /**
   * Sends bytes, in order. After the end it does nothing. Returns whether all that was written has been sent; where it
   * has not, `drained` tells when it has. The memory must not be changed before. Whoever has much to send waits for
   * that, so that what the peer is slow to take does not pile up here.
   */
  write(bytes: Uint8Array): boolean;
  /** Stops and resumes delivery, so that a slow receiver slows the peer down and not the memory. */
  pause(): void;
  resume(): void;
  /** Whether this pipe alone keeps the process running. */
  ref(): void;
  unref(): void;
  /** Sends what was written, then ends. `closed` follows. */
  end(): void;
  /** Drops the pipe at once. `closed` follows, with the error given. */
  destroy(error?: Error): void;
}
