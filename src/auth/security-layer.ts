/** What authentication agreed on to protect everything that follows it: turns plain bytes into sealed ones and back. */
export interface SecurityLayer {
  /** Whether it hides what is said; otherwise it only shows whether somebody has changed it. */
  readonly encrypts: boolean;
  /** How many plain bytes the daemon accepts in one sealed buffer. */
  readonly maxPlain: number;
  /** How long a sealed buffer that the daemon sends may be. */
  readonly maxSealed: number;
  /** Buffers are sealed and opened one after another, in the order in which they travel. */
  seal(plain: Uint8Array): Uint8Array;
  /** @throws ProtocolError for a buffer that the daemon cannot have sealed. */
  open(sealed: Uint8Array): Uint8Array;
}

/** The longest sealed buffer that this client takes, which is what libvirt itself asks for. */
export const maxSealedBuffer = 65536;
