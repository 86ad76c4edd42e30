import { nameOf } from "../../enums.js";
import { ErrorDomain, ErrorNumber, TypedParameterType } from "../../generated/constants.js";
import type { TypedParam } from "../../protocol/generated/remote.js";
import { driverError } from "./errors.js";

/** The names that a function takes, each with the type that it has to have: one of `TypedParameterType`. */
export type KnownParameters = Readonly<Record<string, number>>;

/** Refuses parameters that a function does not know, that have another type, or that come twice. */
export function checkParameters(params: readonly TypedParam[], known: KnownParameters): void {
  const types = new Map(Object.entries(known));
  const seen = new Set<string>();
  for (const { field, value } of [...params].sort((a, b) => (a.field < b.field ? -1 : 1))) {
    const type = types.get(field);
    if (type === undefined) refuse(`parameter '${field}' not supported`, ErrorNumber.ARGUMENT_UNSUPPORTED);
    if (seen.has(field)) refuse(`parameter '${field}' occurs multiple times`);
    if (value.type !== type) {
      const [given, expected] = [value.type, type].map((each) =>
        nameOf(TypedParameterType, each)?.toLowerCase(),
      );
      refuse(`invalid type '${given}' for parameter '${field}', expected '${expected}'`);
    }
    seen.add(field);
  }
}

function refuse(detail: string, code: number = ErrorNumber.INVALID_ARG): never {
  throw driverError(code, detail, ErrorDomain.NONE);
}

export function uintParam(field: string, value: number): TypedParam {
  return { field, value: { type: TypedParameterType.UINT, value } };
}
