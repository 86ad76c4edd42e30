// What the examples do not import, so that its types are read, too.
export * as protocol from "virtwire/protocol";
export * as testing from "virtwire/testing";
