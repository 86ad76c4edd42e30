/** What libvirt knows of the CPUs of an architecture; generated/maps.ts has those of x86 and of POWER. */
export interface CpuMap {
  readonly vendors: readonly string[];
  /** Names of all features, in the order in which libvirt lists those of a CPU; white space parts them. */
  readonly features: string;
  /** Ancestors stand before what descends from them. */
  readonly models: readonly ModelEntry[];
}

/** A model by what it adds to another one, or to nothing. */
export interface ModelEntry {
  readonly name: string;
  /** The model that this one begins as, vendor and all. */
  readonly ancestor?: string;
  readonly vendor?: string;
  /** Features, parted by white space. */
  readonly features?: string;
  /** Features that the model had once: descriptions say of each whether it is there, and descendants lack it. */
  readonly removed?: string;
  /** Set where libvirt never describes a CPU of a guest's as this model. */
  readonly hostOnly?: true;
}

/** A model with all that it has inherited. */
export interface Model {
  readonly name: string;
  readonly vendor: string | undefined;
  readonly features: ReadonlySet<string>;
  readonly removed: readonly string[];
  readonly forGuests: boolean;
}

export function words(text = ""): string[] {
  return text.match(/\S+/g) ?? [];
}

/** The models of a map by their names, in its order. */
export function resolveModels(map: CpuMap): ReadonlyMap<string, Model> {
  const models = new Map<string, Model>();
  for (const { name, ancestor: ancestorName = "", vendor, features, removed, hostOnly } of map.models) {
    const ancestor = models.get(ancestorName);
    const inherited = [...(ancestor?.features ?? [])].filter((each) => !ancestor?.removed.includes(each));
    models.set(name, {
      name,
      vendor: vendor ?? ancestor?.vendor,
      features: new Set([...inherited, ...words(features)]),
      removed: words(removed),
      forGuests: !hostOnly,
    });
  }
  return models;
}
