import type { Docs } from "./doc.js";

/** All that our documentation says, by C function name. */
export const docs: Docs = {};
