import { nameOf } from "./enums.js";
import { ErrorDomain, ErrorLevel, ErrorNumber } from "./generated/constants.js";

const brand = Symbol.for("virtwire.error");

/** What the `name` of a virtwire error can be: one for each class below. */
export type ErrorName =
  | "LibvirtError"
  | "ConnectionError"
  | "AuthenticationError"
  | "ProtocolError"
  | "UnsupportedError"
  | "TimeoutError"
  | "OverflowError";

/**
 * The base of every error that virtwire itself raises. `instanceof` works across copies of the package, because
 * it looks at a registered symbol and the name, not at the constructor's identity.
 *
 * Mistakes in a caller's arguments are not among these: they are plain `TypeError`s and `RangeError`s, thrown
 * before anything is sent. A call that was aborted rejects with its signal's own reason.
 */
export abstract class VirtwireError extends Error {
  /** The `name` of this class's instances; undefined for the base of them all. */
  protected static readonly instanceName: ErrorName | undefined;

  abstract override readonly name: ErrorName;

  /** Inherited, so that it is in none of the errors' output. */
  get [brand](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== "object" || value === null || !(brand in value)) return false;
    // biome-ignore lint/complexity/noThisInStatic: the subclass that was asked, which inherits this method
    const wanted = this.instanceName;
    return wanted === undefined || (value as VirtwireError).name === wanted;
  }
}

/** The wire's error, field by field, as the daemon sent it. */
export interface LibvirtErrorFields {
  readonly code: number;
  readonly domain: number;
  readonly level: number;
  readonly message: string | null;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;
}

/**
 * An error that libvirt reported. Compare `code` with `ErrorNumber` and `domain` with `ErrorDomain`; the message
 * is for people and changes with libvirt's version and locale.
 */
export class LibvirtError extends VirtwireError implements Omit<LibvirtErrorFields, "message"> {
  protected static override readonly instanceName = "LibvirtError";
  override readonly name = "LibvirtError";
  /** One of {@link ErrorNumber}: what went wrong. */
  readonly code: number;
  /** The name of `code` in {@link ErrorNumber}, such as `"NO_DOMAIN"`; undefined for a code newer than this package. */
  readonly codeName: string | undefined;
  /** One of {@link ErrorDomain}: which part of libvirt says so. */
  readonly domain: number;
  /** The name of `domain` in {@link ErrorDomain}, such as `"QEMU"`. */
  readonly domainName: string | undefined;
  /** One of {@link ErrorLevel}: warning or error. */
  readonly level: number;
  /** The message's extra texts; their meaning depends on the code. */
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  /** The message's extra numbers; their meaning depends on the code. */
  readonly int1: number;
  readonly int2: number;
  /** The C name of the procedure that was answered with this error, where there was one. */
  readonly procedure: string | undefined;

  constructor(fields: LibvirtErrorFields, procedure?: string) {
    super(fields.message ?? `libvirt gave no message (error ${fields.code}, domain ${fields.domain})`);
    this.code = fields.code;
    this.codeName = nameOf(ErrorNumber, fields.code);
    this.domain = fields.domain;
    this.domainName = nameOf(ErrorDomain, fields.domain);
    this.level = fields.level;
    this.str1 = fields.str1;
    this.str2 = fields.str2;
    this.str3 = fields.str3;
    this.int1 = fields.int1;
    this.int2 = fields.int2;
    this.procedure = procedure;
  }

  /** All fields with their names, so that a log has more than JSON gives of errors, which is nothing. */
  toJSON(): Record<string, string | number | null | undefined> {
    const { name, message, code, codeName, domain, domainName, level, levelName, procedure } = this;
    const { str1, str2, str3, int1, int2 } = this;
    return {
      ...{ name, message, code, codeName, domain, domainName, level, levelName, procedure },
      ...{ str1, str2, str3, int1, int2 },
    };
  }

  /** The name of `level` in {@link ErrorLevel}. */
  get levelName(): string | undefined {
    return nameOf(ErrorLevel, this.level);
  }
}

/** The connection could not be made, or was lost: the message says what was tried, and `cause` why it failed. */
export class ConnectionError extends VirtwireError {
  protected static override readonly instanceName = "ConnectionError";
  override readonly name = "ConnectionError";
  /**
   * Where a call failed and it is known: whether the daemon may have got it. With `true` it may or may not have been
   * done, with `false` it has not.
   */
  declare readonly sent?: boolean;

  constructor(message: string, options: ErrorOptions & { readonly sent?: boolean } = {}) {
    super(message, options);
    if (options.sent !== undefined) this.sent = options.sent;
  }
}

/** The daemon did not accept us, or we did not accept it. */
export class AuthenticationError extends VirtwireError {
  protected static override readonly instanceName = "AuthenticationError";
  override readonly name = "AuthenticationError";
}

/** The peer sent bytes that the protocol does not allow. */
export class ProtocolError extends VirtwireError {
  protected static override readonly instanceName = "ProtocolError";
  override readonly name = "ProtocolError";
}

/** Something that this daemon, this transport or this runtime cannot do. */
export class UnsupportedError extends VirtwireError {
  protected static override readonly instanceName = "UnsupportedError";
  override readonly name = "UnsupportedError";
}

/** A deadline (`timeoutMs`) passed first. */
export class TimeoutError extends VirtwireError {
  protected static override readonly instanceName = "TimeoutError";
  override readonly name = "TimeoutError";
}

/** More events came than a queue has room for, and none of them was to be dropped. */
export class OverflowError extends VirtwireError {
  protected static override readonly instanceName = "OverflowError";
  override readonly name = "OverflowError";
}
