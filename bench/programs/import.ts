/** What of it is loaded whether or not it is used. */
import { connect } from "virtwire";

if (typeof connect !== "function") process.exitCode = 1;
