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

export function intParam(field: string, value: number): TypedParam {
  return { field, value: { type: TypedParameterType.INT, value } };
}

export function ullongParam(field: string, value: bigint): TypedParam {
  return { field, value: { type: TypedParameterType.ULLONG, value } };
}

export function booleanParam(field: string, value: boolean): TypedParam {
  return { field, value: { type: TypedParameterType.BOOLEAN, value: value ? 1 : 0 } };
}

export function stringParam(field: string, value: string): TypedParam {
  return { field, value: { type: TypedParameterType.STRING, value } };
}

/** The value that a number was given; those of 64 bits and those of fewer are asked for apart. */
export function numberOf(params: readonly TypedParam[], field: string): number | undefined {
  const value = find(params, field);
  return typeof value === "number" ? value : undefined;
}

export function bigintOf(params: readonly TypedParam[], field: string): bigint | undefined {
  const value = find(params, field);
  return typeof value === "bigint" ? value : undefined;
}

export function textOf(params: readonly TypedParam[], field: string): string | undefined {
  const value = find(params, field);
  return typeof value === "string" ? value : undefined;
}

function find(params: readonly TypedParam[], field: string): TypedParam["value"]["value"] | undefined {
  return params.find((each) => each.field === field)?.value.value;
}
