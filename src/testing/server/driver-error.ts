import { ErrorDomain, ErrorLevel } from "../../generated/constants.js";
import type { MessageError } from "../../protocol/generated/net.js";
import { messageTemplate } from "./error-messages.js";

/** What an error says beside its code and its text; what is not given is as libvirt has it by default. */
export interface DriverErrorFields {
  /** One of {@link ErrorDomain}: which part reports it. By default `TEST`. */
  readonly domain?: number;
  /** One of {@link ErrorLevel}. By default `ERROR`. */
  readonly level?: number;
  /** The whole message, where it does not begin as others with this code do. */
  readonly message?: string;
  readonly str1?: string | null;
  readonly str2?: string | null;
  readonly str3?: string | null;
  readonly int1?: number;
  readonly int2?: number;
}

/** An error for the client: a handler throws it, and it becomes the call's reply, field by field. */
export class DriverError extends Error {
  override readonly name = "DriverError";
  readonly code: number;
  readonly domain: number;
  readonly level: number;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;

  /**
   * @param code - One of `ErrorNumber`. It decides how the message begins: `Domain not found: …`.
   * @param detail - What is particular to this error, such as `no domain with matching name 'web'`.
   */
  constructor(code: number, detail: string, fields: DriverErrorFields = {}) {
    const template = messageTemplate(code);
    super(fields.message ?? template.replace("%s", () => detail));
    const { domain = ErrorDomain.TEST, level = ErrorLevel.ERROR } = fields;
    const { str1 = template, str2 = detail, str3 = null, int1 = -1, int2 = -1 } = fields;
    this.code = code;
    this.domain = domain;
    this.level = level;
    this.str1 = str1;
    this.str2 = str2;
    this.str3 = str3;
    this.int1 = int1;
    this.int2 = int2;
  }

  /** As it goes over the wire. */
  toWire(): MessageError {
    const { code, domain, message, level, str1, str2, str3, int1, int2 } = this;
    return { code, domain, message, level, dom: null, str1, str2, str3, int1, int2, net: null };
  }
}
