import { TypedParameterType } from "../../generated/constants.js";
import type { TypedParam } from "../../protocol/generated/remote.js";

/** Parameters by their names. A `number` is an int, or a double where it is no integer; a `bigint` is an unsigned long. */
export type PlainParams = Readonly<Record<string, number | bigint | boolean | string>>;

export function typedParams(params: PlainParams): TypedParam[] {
  return Object.entries(params).map(([field, value]) => ({ field, value: typedValue(value) }));
}

function typedValue(value: PlainParams[string]): TypedParam["value"] {
  const { INT, ULLONG, DOUBLE, BOOLEAN, STRING } = TypedParameterType;
  if (typeof value === "bigint") return { type: ULLONG, value };
  if (typeof value === "boolean") return { type: BOOLEAN, value: Number(value) };
  if (typeof value === "string") return { type: STRING, value };
  return { type: Number.isInteger(value) ? INT : DOUBLE, value };
}
