import {
  DomainControlState,
  DomainSetTimeFlags,
  DomainState,
  ErrorNumber,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { checkFlags, driverError } from "../errors.js";
import type { DriverHandlers } from "../state.js";

/** What domains are doing, as far as one can look from outside and ask inside. */
export function domainReportHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainGetInfo, ({ dom }, { state }) => {
      const domain = state.world.domain(dom);
      const { memory: maxMem, currentMemory: memory, vcpus: nrVirtCpu } = domain.current;
      // As much as has passed since 1970: it grows, as CPU time does.
      const cpuTime = BigInt(Date.now()) * 1_000_000n;
      return { state: domain.state, maxMem, memory, nrVirtCpu, cpuTime };
    })
    .on(remote.domainGetState, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainGetState");
      const domain = state.world.domain(dom);
      return { state: domain.state, reason: domain.reason };
    })
    .on(remote.domainGetControlInfo, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainGetControlInfo");
      const domain = state.world.domain(dom);
      domain.checkActive();
      return controlInfo(domain.time.seconds);
    })
    .on(remote.domainIsActive, ({ dom }, { state }) => ({ active: state.world.domain(dom).isActive ? 1 : 0 }))
    .on(remote.domainIsPersistent, ({ dom }, { state }) => ({
      persistent: state.world.domain(dom).isPersistent ? 1 : 0,
    }))
    .on(remote.domainIsUpdated, () => ({ updated: 0 }))
    .on(remote.domainGetOsType, () => ({ type: "linux" }))
    .on(remote.domainGetHostname, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainGetHostname");
      state.world.domain(dom).checkActive();
      return { hostname: `${dom.name}host` };
    })
    .on(remote.domainGetTime, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainGetTime");
      const domain = state.world.domain(dom);
      if (domain.state !== DomainState.RUNNING) {
        throw driverError(ErrorNumber.OPERATION_INVALID, "domain is not running");
      }
      return domain.time;
    })
    .on(remote.domainSetTime, ({ dom, seconds, nseconds, flags }, { state }) => {
      checkFlags(flags, DomainSetTimeFlags.SYNC, "testDomainSetTime");
      const domain = state.world.domain(dom);
      domain.checkActive();
      domain.time = { seconds, nseconds };
    })
    .on(remote.domainGetLaunchSecurityInfo, ({ flags }) => {
      checkFlags(flags, 0, "testDomainGetLaunchSecurityInfo");
      return { params: [] };
    });
}

/** The guest's clock, when it shows times soon after 1970, says how it is to look from outside. */
function controlInfo(seconds: bigint): remote.DomainGetControlInfoRet {
  const { OK, JOB, OCCUPIED, ERROR } = DomainControlState;
  if (seconds > 0n && seconds < 10_000n) return { state: JOB, details: 0, stateTime: seconds };
  if (seconds >= 10_000n && seconds < 30_000n) {
    return { state: OCCUPIED, details: 0, stateTime: seconds - 10_000n };
  }
  if (seconds >= 30_000n && seconds < 60_000n) {
    return { state: ERROR, details: Number(seconds % 4n), stateTime: seconds - 30_000n };
  }
  return { state: OK, details: 0, stateTime: 0n };
}
