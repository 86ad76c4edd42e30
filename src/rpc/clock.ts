/** The time in milliseconds, of a clock that never goes back. `performance` would have Node load a dozen modules for it. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
