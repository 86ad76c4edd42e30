import { AuthenticationError } from "../errors.js";

/**
 * Brings a name or password into the form that both sides hash, RFC 4013. In ASCII that is what it is already; for
 * the rest of Unicode it takes tables, which an optional package has.
 *
 * @throws AuthenticationError, without the text, where it has characters that SASL does not allow, or needs the package.
 */
export async function saslprep(text: string, what: "name" | "password"): Promise<string> {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const prepare = await load(what);
  try {
    return prepare(text);
  } catch {
    // Not as the cause: its message may have the text.
    throw new AuthenticationError(`The ${what} has characters that SASL does not allow in one`);
  }
}

async function load(what: string): Promise<(text: string) => string> {
  try {
    const { saslprep: prepare } = await import("@mongodb-js/saslprep");
    return prepare;
  } catch (cause) {
    throw new AuthenticationError(
      `The ${what} is not plain ASCII, which takes a package: npm install @mongodb-js/saslprep`,
      { cause },
    );
  }
}
