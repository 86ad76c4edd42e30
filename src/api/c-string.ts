/** The text in an array of C's `char`, which ends at the first NUL or with the array. */
export function decodeCString(chars: Uint8Array): string {
  const end = chars.indexOf(0);
  return new TextDecoder().decode(end < 0 ? chars : chars.subarray(0, end));
}
