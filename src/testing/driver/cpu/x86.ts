import { ErrorDomain, ErrorNumber } from "../../../generated/constants.js";
import { driverError } from "../errors.js";
import type { GuestCpu, GuestFeature, HostCpu } from "./definition.js";
import type { CpuDriver } from "./drivers.js";
import { type CpuMap, type Model, resolveModels, words } from "./map.js";

/**
 * Finds what x86 CPUs have in common.
 *
 * libvirt computes with the bits that the `cpuid` instruction and some registers tell. Each feature is one bit of its
 * own (the code generator makes sure), so sets of their names do as well.
 */
export class X86Cpus implements CpuDriver {
  readonly #vendors: readonly string[];
  readonly #features: readonly string[];
  readonly #models: ReadonlyMap<string, Model>;

  constructor(map: CpuMap) {
    this.#vendors = map.vendors;
    this.#features = words(map.features);
    this.#models = resolveModels(map);
  }

  get models(): string[] {
    return [...this.#models.keys()];
  }

  baseline(cpus: readonly [HostCpu, ...HostCpu[]]): GuestCpu {
    const [first, ...others] = cpus;
    let common = this.#featuresOf(first, this.#model(first));
    let vendor = this.#vendor(first.vendor);
    for (const cpu of others) {
      const model = this.#model(cpu);
      const features = this.#featuresOf(cpu, model);
      vendor = this.#sameVendor(vendor, cpu, model);
      common = new Set([...common].filter((feature) => features.has(feature)));
    }
    if (common.size === 0) throw failed("CPUs are incompatible");

    const names = [...new Set(cpus.map(({ model }) => model))];
    const { model, features } = this.#describe(common, vendor, names);
    return {
      model,
      vendor: cpus.every((cpu) => cpu.vendor !== undefined) ? vendor : undefined,
      fallback: names.length === 1 && names[0] === model ? "forbid" : "allow",
      features,
    };
  }

  expand(cpu: GuestCpu): GuestCpu {
    const model = this.#models.get(cpu.model);
    if (!model) throw internal(`unknown CPU model ${cpu.model}`);
    const policies = new Map(
      this.#ordered(model.features, "require").map(({ name, policy }) => [name, policy]),
    );
    for (const { name, policy } of cpu.features) policies.set(name, policy);
    for (const name of model.removed) if (!policies.has(name)) policies.set(name, "disable");
    return { ...cpu, features: Array.from(policies, ([name, policy]) => ({ name, policy })) };
  }

  #model(cpu: HostCpu): Model {
    const model = this.#models.get(cpu.model);
    if (!model) throw internal(`Unknown CPU model ${cpu.model}`);
    return model;
  }

  #featuresOf(cpu: HostCpu, model: Model): ReadonlySet<string> {
    const unknown = cpu.features.find((name) => !this.#features.includes(name));
    if (unknown !== undefined) throw internal(`Unknown CPU feature ${unknown}`);
    return new Set([...model.features, ...cpu.features]);
  }

  #vendor(name: string | undefined): string | undefined {
    if (name !== undefined && !this.#vendors.includes(name)) throw failed(`Unknown CPU vendor ${name}`);
    return name;
  }

  #sameVendor(vendor: string | undefined, cpu: HostCpu, model: Model): string | undefined {
    if (cpu.vendor !== undefined && model.vendor !== undefined && cpu.vendor !== model.vendor) {
      throw failed(`CPU vendor ${model.vendor} of model ${model.name} differs from vendor ${cpu.vendor}`);
    }
    const other = cpu.vendor ?? model.vendor;
    if (vendor === undefined) return this.#vendor(other);
    if (other !== undefined && other !== vendor) throw failed("CPU vendors do not match");
    return vendor;
  }

  /** Of all ways to write these features as a model with some more and without others, the one that libvirt takes. */
  #describe(
    features: ReadonlySet<string>,
    vendor: string | undefined,
    preferred: readonly string[],
  ): Description {
    let best: Description | undefined;
    // The newest models come last.
    for (const model of [...this.#models.values()].reverse()) {
      if (vendor !== undefined && model.vendor !== undefined && model.vendor !== vendor) continue;
      if (!model.forGuests) continue;
      const description = this.#describeAs(model, features);
      if (preferred.length === 1 && preferred[0] === model.name) return description;
      if (!best || isBetter(description, best, preferred)) best = description;
    }
    if (!best) throw internal("Cannot find suitable CPU model for given data");
    return best;
  }

  #describeAs(model: Model, features: ReadonlySet<string>): Description {
    const more = [...features].filter((name) => !model.features.has(name));
    const without = [...model.features].filter((name) => !features.has(name));
    const named = [...this.#ordered(new Set(more), "require"), ...this.#ordered(new Set(without), "disable")];
    const unnamed = model.removed.filter((name) => !named.some((each) => each.name === name));
    return {
      model: model.name,
      features: [...named, ...unnamed.map((name) => ({ name, policy: "disable" }) as const)],
    };
  }

  #ordered(names: ReadonlySet<string>, policy: GuestFeature["policy"]): GuestFeature[] {
    return this.#features.filter((name) => names.has(name)).map((name) => ({ name, policy }));
  }
}

type Description = Pick<GuestCpu, "model" | "features">;

function isBetter(candidate: Description, current: Description, preferred: readonly string[]): boolean {
  const [of, than] = [weigh(candidate), weigh(current)];
  if (of.total < than.total) return true;
  const isWelcome = of.total === than.total || preferred.includes(candidate.model);
  return isWelcome && of.disabled < than.disabled;
}

/**
 * How far a description is from its model. A feature that is required counts 1; those that are disabled count 2, 3, 4
 * and so on. With each that it finds disabled, libvirt looks at one less: half of them count as required.
 */
function weigh({ features }: Description): { total: number; disabled: number } {
  const all = features.filter(({ policy }) => policy === "disable").length;
  const counted = Math.ceil(all / 2);
  const disabled = (counted * (counted + 3)) / 2;
  return { total: features.length - counted + disabled, disabled };
}

function failed(detail: string): Error {
  return driverError(ErrorNumber.OPERATION_FAILED, detail, ErrorDomain.CPU);
}

function internal(detail: string): Error {
  return driverError(ErrorNumber.INTERNAL_ERROR, detail, ErrorDomain.CPU);
}
