/** How much of what a program says is kept, in characters and in lines: the last is what matters. */
const longestComplaint = 2000;
const mostLines = 10;

/** The end of what a program writes to standard error, which tells why it fails. */
export class Complaints {
  #text = "";

  add(text: string): void {
    this.#text = (this.#text + text).slice(-longestComplaint);
  }

  /** All on one line, with nothing in it that a terminal would act on. */
  toString(): string {
    const lines = this.#text.split(/[\r\n]+/).map((line) => line.replace(/\p{Cc}+/gu, " ").trim());
    return lines
      .filter((line) => line !== "")
      .slice(-mostLines)
      .join("; ");
  }
}
