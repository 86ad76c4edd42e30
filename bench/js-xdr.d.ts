// What the benchmark uses of js-xdr, which ships no types.
declare module "js-xdr" {
  interface Type {
    fromXDR(bytes: Uint8Array): unknown;
    toXDR(value: unknown): Uint8Array;
  }
  interface Union {
    readonly switchOn: Type;
    readonly switches: readonly (readonly [number, string])[];
    readonly arms: Readonly<Record<string, Type>>;
  }
  interface Definitions {
    struct(name: string, fields: readonly (readonly [string, Type])[]): void;
    union(name: string, union: Union): void;
    lookup(name: string): Type;
    string(max: number): Type;
    opaque(length: number): Type;
    varArray(element: Type, max: number): Type;
    int(): Type;
    uint(): Type;
    hyper(): Type;
    uhyper(): Type;
    double(): Type;
  }
  const xdr: { config<Types>(define: (definitions: Definitions) => void): Types };
  export default xdr;
}
