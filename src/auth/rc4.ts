/** The stream cipher that DIGEST-MD5 prefers, which OpenSSL no longer has. Encrypting and decrypting are the same. */
export class Rc4 {
  readonly #state = Uint8Array.from({ length: 256 }, (_, index) => index);
  #i = 0;
  #j = 0;

  constructor(key: Uint8Array) {
    const state = this.#state;
    let j = 0;
    for (let i = 0; i < 256; i++) {
      const old = state[i]!;
      j = (j + old + key[i % key.length]!) & 0xff;
      state[i] = state[j]!;
      state[j] = old;
    }
  }

  /** Goes on where the last call ended. */
  update(bytes: Uint8Array): Uint8Array {
    const state = this.#state;
    const result = new Uint8Array(bytes.length);
    let [i, j] = [this.#i, this.#j];
    for (let at = 0; at < bytes.length; at++) {
      i = (i + 1) & 0xff;
      const old = state[i]!;
      j = (j + old) & 0xff;
      const other = state[j]!;
      state[i] = other;
      state[j] = old;
      result[at] = bytes[at]! ^ state[(old + other) & 0xff]!;
    }
    [this.#i, this.#j] = [i, j];
    return result;
  }
}
