import { DOMAIN_SCHEDULER_WEIGHT, TypedParameterType } from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { checkFlags } from "../errors.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { checkParameters, uintParam } from "../typed-params.js";
import { checkOneImpact } from "./tunables.js";

/** How much of the host domains get, by typed parameters. */
export function domainTuningHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainGetSchedulerType, () => ({ type: "fair", nparams: 1 }))
    .on(remote.domainGetSchedulerParameters, ({ dom }, { state }) => schedulerParameters(state, dom))
    .on(remote.domainGetSchedulerParametersFlags, ({ dom, flags }, { state }) => {
      checkOneImpact(flags, "virDomainGetSchedulerParametersFlags");
      checkFlags(flags, 0, "testDomainGetSchedulerParametersFlags");
      return schedulerParameters(state, dom);
    })
    .on(remote.domainSetSchedulerParameters, ({ dom, params }, { state }) => {
      setSchedulerParameters(state, dom, params);
    })
    .on(remote.domainSetSchedulerParametersFlags, ({ dom, params, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainSetSchedulerParametersFlags");
      setSchedulerParameters(state, dom, params);
    });
}

/** A domain weighs what all others weigh, whatever is set. */
function schedulerParameters({ world }: ClientState, dom: remote.NonnullDomain) {
  world.domain(dom);
  return { params: [uintParam(DOMAIN_SCHEDULER_WEIGHT, 50)] };
}

function setSchedulerParameters(
  { world }: ClientState,
  dom: remote.NonnullDomain,
  params: readonly remote.TypedParam[],
): void {
  checkParameters(params, { [DOMAIN_SCHEDULER_WEIGHT]: TypedParameterType.UINT });
  world.domain(dom);
}
