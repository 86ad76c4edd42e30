import { DomainState, ConnectListAllDomainsFlags as Flag } from "../../../generated/constants.js";
import { type FilterGroup, yesOrNo } from "../filter.js";
import type { Domain } from "./domain.js";

/** What a list of domains can be asked for. */
export const domainFilter: readonly FilterGroup<Domain>[] = [
  yesOrNo(Flag.ACTIVE, Flag.INACTIVE, (domain) => domain.isActive),
  yesOrNo(Flag.PERSISTENT, Flag.TRANSIENT, (domain) => domain.isPersistent),
  [
    [Flag.RUNNING, ({ state }) => state === DomainState.RUNNING],
    [Flag.PAUSED, ({ state }) => state === DomainState.PAUSED],
    [Flag.SHUTOFF, ({ state }) => state === DomainState.SHUTOFF],
    [Flag.OTHER, ({ state }) => !usualStates.includes(state)],
  ],
  yesOrNo(Flag.MANAGEDSAVE, Flag.NO_MANAGEDSAVE, (domain) => domain.hasManagedSave),
  yesOrNo(Flag.AUTOSTART, Flag.NO_AUTOSTART, (domain) => domain.autostart),
  yesOrNo(Flag.HAS_SNAPSHOT, Flag.NO_SNAPSHOT, ({ snapshots }) => snapshots.size > 0),
  yesOrNo(Flag.HAS_CHECKPOINT, Flag.NO_CHECKPOINT, ({ checkpoints }) => checkpoints.size > 0),
];

const usualStates: readonly DomainState[] = [DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTOFF];
