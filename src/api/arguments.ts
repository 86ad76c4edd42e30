/** C's 0 or 1 for an argument that is yes or no. */
export function yesNo(name: string, value: boolean): 0 | 1 {
  if (typeof value !== "boolean") throw new TypeError(`${name}: a boolean is wanted, not ${typeof value}`);
  return value ? 1 : 0;
}
