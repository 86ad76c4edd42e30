/** What any guest's screen shows: nothing, in black, 640 pixels wide and 480 high, as a PNG. */
export const screenshot: Uint8Array = new Uint8Array(
  Buffer.from(
    [
      "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgAQAAAAAdquFJAAAAPUlEQVR42u3BAQ0AAADCoPdPbQ43oAAAAAAAAAAAAAAAAAAA",
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAADgzwCX4AABS8wbSgAAAABJRU5ErkJggg==",
    ].join(""),
    "base64",
  ),
);
