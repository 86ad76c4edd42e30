/** One question that a list's flags can ask: which flag lets pass what. */
export type FilterGroup<T> = readonly (readonly [flag: number, passes: (item: T) => boolean])[];

/**
 * Whether an item passes a list's filter. The flags come in groups, most of them pairs such as active and inactive. A
 * group that has none of its flags set asks nothing; otherwise one of those set has to let the item pass.
 */
export function passesFilter<T>(item: T, flags: number, groups: readonly FilterGroup<T>[]): boolean {
  return groups.every((group) => {
    const asked = group.filter(([flag]) => (flags & flag) !== 0);
    return asked.length === 0 || asked.some(([, passes]) => passes(item));
  });
}

/** A pair of flags for something that is so or is not. */
export function yesOrNo<T>(yes: number, no: number, is: (item: T) => boolean): FilterGroup<T> {
  return [
    [yes, is],
    [no, (item) => !is(item)],
  ];
}

/** All flags that the groups know. */
export function flagsOf<T>(groups: readonly FilterGroup<T>[]): number {
  return groups.flat().reduce((all, [flag]) => all | flag, 0);
}
