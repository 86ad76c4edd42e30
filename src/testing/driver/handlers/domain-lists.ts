import { ErrorNumber } from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { formatUuid } from "../../../uuid.js";
import type { Domain } from "../domain/domain.js";
import { domainFilter } from "../domain/list.js";
import { checkFlags, checkNonNegative, driverError } from "../errors.js";
import { flagsOf, passesFilter } from "../filter.js";
import type { DriverHandlers } from "../state.js";
import { domainToWire, listed } from "../wire.js";
import type { World } from "../world.js";

/** Finding domains: one by one, and in lists. */
export function domainListHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainLookupByName, ({ name }, { state }) => found(state.world.domains.byName(name)))
    .on(remote.domainLookupByUuid, ({ uuid }, { state }) =>
      found(state.world.domains.byUuid(formatUuid(uuid))),
    )
    .on(remote.domainLookupById, ({ id }, { state }) => {
      checkNonNegative(id, "id", "virDomainLookupByID");
      return found(state.world.domains.byId(id));
    })
    .on(remote.connectListAllDomains, ({ needResults, flags }, { state }) => {
      checkFlags(flags, flagsOf(domainFilter), "testConnectListAllDomains");
      const passing = [...state.world.domains].filter((domain) => passesFilter(domain, flags, domainFilter));
      const { items, ret } = listed(passing, needResults);
      return { domains: items.map(domainToWire), ret };
    })
    .on(remote.connectNumOfDomains, (_args, { state }) => ({ num: active(state.world).length }))
    .on(remote.connectListDomains, ({ maxids }, { state }) => ({
      ids: active(state.world)
        .slice(0, Math.max(0, maxids))
        .map(({ id }) => id),
    }))
    .on(remote.connectNumOfDefinedDomains, (_args, { state }) => ({ num: inactive(state.world).length }))
    .on(remote.connectListDefinedDomains, ({ maxnames }, { state }) => ({
      names: inactive(state.world)
        .slice(0, Math.max(0, maxnames))
        .map(({ name }) => name),
    }));
}

function found(domain: Domain | undefined): { readonly dom: remote.NonnullDomain } {
  if (!domain) throw driverError(ErrorNumber.NO_DOMAIN);
  return { dom: domainToWire(domain) };
}

const active = ({ domains }: World) => [...domains].filter((domain) => domain.isActive);
const inactive = ({ domains }: World) => [...domains].filter((domain) => !domain.isActive);
