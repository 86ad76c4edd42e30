/** Writes the package's programs to dist, where the compiler has written their types. */
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundlePackage } from "./bundle.js";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
await rm(`${dist}/parts`, { recursive: true, force: true });
await bundlePackage(dist);
