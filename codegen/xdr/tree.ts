/** The tree of a .x file, as RFC 4506 defines the language and libvirt uses it. */

/** A number in the source, or the name of one. */
export type Value = number | string;

export type Scalar =
  | "int"
  | "unsigned int"
  | "hyper"
  | "unsigned hyper"
  | "short"
  | "unsigned short"
  | "char"
  | "unsigned char"
  | "float"
  | "double"
  | "bool";

/** `opaque` and `string` exist only with a length; `named` is a type that the file, or another, declares. */
export type Type =
  | { readonly kind: "scalar"; readonly name: Scalar }
  | { readonly kind: "string" }
  | { readonly kind: "opaque" }
  | { readonly kind: "named"; readonly name: string };

/** How often a declaration's type occurs. */
export type Shape =
  | { readonly kind: "one" }
  | { readonly kind: "optional" }
  | { readonly kind: "fixed"; readonly length: Value }
  | { readonly kind: "variable"; readonly max: Value | undefined };

/** What libvirt's comments say by `insert@1`, `alloc@1@unsigned int@2`, `@generate: both` and the like. */
export interface Annotation {
  readonly name: string;
  readonly value: string;
}

export interface Declaration {
  readonly name: string;
  readonly type: Type;
  readonly shape: Shape;
  readonly annotations: readonly Annotation[];
}

export interface Const {
  readonly kind: "const";
  readonly name: string;
  readonly value: Value;
}

export interface EnumMember {
  readonly name: string;
  readonly value: Value;
  readonly annotations: readonly Annotation[];
}

export interface Enum {
  readonly kind: "enum";
  readonly name: string;
  readonly members: readonly EnumMember[];
}

export interface Typedef {
  readonly kind: "typedef";
  readonly name: string;
  readonly declaration: Declaration;
}

export interface Struct {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: readonly Declaration[];
  readonly annotations: readonly Annotation[];
}

export interface UnionArm {
  readonly cases: readonly Value[];
  /** Undefined for `void`. */
  readonly declaration: Declaration | undefined;
}

export interface Union {
  readonly kind: "union";
  readonly name: string;
  readonly discriminant: Declaration;
  readonly arms: readonly UnionArm[];
  /** The `default:` arm; undefined where there is none, so that any other value is an error. */
  readonly otherwise: UnionArm | undefined;
}

/** A line for the C compiler: `%#include …`. */
export interface Passthrough {
  readonly kind: "passthrough";
  readonly text: string;
}

export type Definition = Const | Enum | Typedef | Struct | Union | Passthrough;
