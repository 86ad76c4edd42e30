/** What libvirt's API XML says, without its prose: the public C API as plain data. */
export interface Api {
  readonly functions: readonly ApiFunction[];
  /** The function types of callbacks. */
  readonly callbacks: readonly ApiFunction[];
  readonly enums: readonly ApiEnum[];
  readonly strings: readonly StringMacro[];
  readonly numbers: readonly NumberMacro[];
  readonly structs: readonly ApiStruct[];
  readonly typedefs: readonly ApiTypedef[];
}

/** Which of the four libraries, hence which of the four files, a symbol belongs to. */
export type Library = "libvirt" | "qemu" | "lxc" | "admin";

/** What every symbol has. */
export interface ApiSymbol {
  /** The C name. */
  readonly name: string;
  readonly library: Library;
  /** The C source file less its extension, such as `libvirt-domain`. */
  readonly file: string;
  /** The libvirt release that brought it, such as `0.9.2`. */
  readonly since: string;
}

/** A C type with the name of the argument or field that has it. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  /** The C enums whose values it takes: C declares such arguments as plain integers and names the enum in words. */
  readonly enums: readonly string[];
}

/** A function, or a type of functions. */
export interface ApiFunction extends ApiSymbol {
  readonly returns: string;
  /** The C enum whose values it returns as an integer. */
  readonly returnsEnum: string | undefined;
  readonly args: readonly Variable[];
}

export interface ApiEnum extends ApiSymbol {
  /** In the order of their values; members of one value in the order of their names. */
  readonly members: readonly EnumMember[];
}

export interface EnumMember {
  readonly name: string;
  readonly value: number;
  readonly since: string;
}

/** A macro that stands for a string: in nearly all cases the name of a typed parameter. */
export interface StringMacro extends ApiSymbol {
  readonly value: string;
}

/** A macro without arguments that stands for an integer. */
export interface NumberMacro extends ApiSymbol {
  readonly value: number;
}

export interface ApiStruct extends ApiSymbol {
  /** Empty for the opaque ones (virDomain and its like). */
  readonly fields: readonly StructField[];
}

export interface StructField extends Variable {
  /** The members of an anonymous union (its `type` is `union`). */
  readonly union?: readonly Variable[];
}

/** Typedefs other than those of enums. */
export interface ApiTypedef extends ApiSymbol {
  readonly type: string;
}
