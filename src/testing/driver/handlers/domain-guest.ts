import {
  DomainMemoryFlags,
  DomainProcessSignal,
  DomainSetUserPasswordFlags,
  ErrorNumber,
  KeycodeSet,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { checkTrim, fileSystems } from "../domain/guest.js";
import { isKeycode } from "../domain/keycodes.js";
import { checkLifecycle, checkLifecycleAction, setLifecycleAction } from "../domain/lifecycle-action.js";
import { checkExclusive, checkFlags, driverError, invalidArgument } from "../errors.js";
import { screenshot } from "../screenshot.js";
import type { DriverHandlers } from "../state.js";
import { impact, refuseRoom } from "./tunables.js";

/** What is done to guests and asked of them: as by their keyboard, their agent, or a look at their screen. */
export function domainGuestHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainFsfreeze, ({ dom, mountpoints, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainFSFreeze");
      const domain = state.world.domain(dom);
      domain.checkActive();
      return { filesystems: domain.frozen.freeze(mountpoints) };
    })
    .on(remote.domainFsthaw, ({ dom, mountpoints, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainFSThaw");
      const domain = state.world.domain(dom);
      domain.checkActive();
      return { filesystems: domain.frozen.thaw(mountpoints) };
    })
    .on(remote.domainFstrim, ({ dom, mountPoint, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainFSTrim");
      state.world.domain(dom).checkActive();
      checkTrim(mountPoint);
    })
    .on(remote.domainGetFsinfo, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainGetFSInfo");
      const domain = state.world.domain(dom);
      domain.checkActive();
      const info = fileSystems(domain.current).map(({ disk, ...rest }) => ({ ...rest, devAliases: [disk] }));
      return { info, ret: info.length };
    })
    .on(remote.domainSetUserPassword, ({ dom, user, password, flags }, { state }) => {
      checkGiven(user, "user", "virDomainSetUserPassword");
      checkGiven(password, "password", "virDomainSetUserPassword");
      checkFlags(flags, DomainSetUserPasswordFlags.ENCRYPTED, "testDomainSetUserPassword");
      state.world.domain(dom).checkActive();
    })
    .on(remote.domainInjectNmi, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainInjectNMI");
      state.world.domain(dom).checkActive();
    })
    .on(remote.domainSendKey, ({ dom, codeset, keycodes, flags }, { state }) => {
      checkKeys(codeset, keycodes);
      checkFlags(flags, 0, "testDomainSendKey");
      state.world.domain(dom).checkActive();
      const unknown = keycodes.find((code) => !isKeycode(codeset, code));
      if (unknown === undefined) return;
      const detail = `invalid keycode ${unknown} of ${codesetNames[codeset]} codeset`;
      throw driverError(ErrorNumber.INTERNAL_ERROR, detail);
    })
    .on(remote.domainSendProcessSignal, ({ dom, pidValue, signum, flags }, { state }) => {
      if (pidValue === 0n) {
        const cFunction = "virDomainSendProcessSignal";
        throw invalidArgument(cFunction, "pid_value", `pid_value in ${cFunction} must not be zero`);
      }
      checkFlags(flags, 0, "testDomainSendProcessSignal");
      if (pidValue !== 1n) {
        throw driverError(ErrorNumber.INVALID_ARG, "only sending a signal to pid 1 is supported");
      }
      if (signum > Math.max(...Object.values(DomainProcessSignal))) {
        throw driverError(ErrorNumber.INVALID_ARG, `signum value ${signum | 0} is out of range`);
      }
      state.world.domain(dom);
    })
    .on(remote.domainMemoryPeek, ({ dom, offset, size, flags }, { state }) => {
      const { VIRTUAL, PHYSICAL } = DomainMemoryFlags;
      if (size > remote.REMOTE_DOMAIN_MEMORY_PEEK_BUFFER_MAX) refuseRoom("size > maximum buffer size");
      const virtual = [VIRTUAL, "VIR_MEMORY_VIRTUAL"] as const;
      checkExclusive(flags, virtual, [PHYSICAL, "VIR_MEMORY_PHYSICAL"], "virDomainMemoryPeek");
      checkFlags(flags, VIRTUAL | PHYSICAL, "testDomainMemoryPeek");
      if (flags === 0) {
        const detail = "flags parameter must be VIR_MEMORY_VIRTUAL or VIR_MEMORY_PHYSICAL";
        throw driverError(ErrorNumber.INVALID_ARG, detail);
      }
      state.world.domain(dom).checkActive();
      // Every byte is the last one of its own address.
      return { buffer: Uint8Array.from({ length: size }, (_, at) => Number(BigInt.asUintN(8, offset)) + at) };
    })
    .on(remote.domainGetSecurityLabel, ({ dom }, { state }) => {
      const { isActive } = state.world.domain(dom);
      const label = new TextEncoder().encode(`${isActive ? "libvirt-test" : ""}\0`);
      return { label, enforcing: isActive ? 1 : 0 };
    })
    .on(remote.domainSetLifecycleAction, ({ dom, type, action, flags }, { state }) => {
      checkLifecycle(type, action);
      checkFlags(flags, impact, "testDomainSetLifecycleAction");
      checkLifecycleAction(type, action);
      setLifecycleAction(state.world.domain(dom), type, action, flags);
    })
    .onStream(remote.domainScreenshot, ({ flags }) => {
      checkFlags(flags, 0, "testDomainScreenshot");
      return { reply: { mime: "image/png" }, run: (stream) => stream.write(screenshot) };
    });
}

/** By their numbers. */
const codesetNames: readonly string[] = [
  ...["linux", "xt", "atset1", "atset2", "atset3", "os_x", "xt_kbd", "usb", "win32", "qnum"],
];

function checkKeys(codeset: number, keycodes: readonly number[]): void {
  const cFunction = "virDomainSendKey";
  if (keycodes.length === 0) {
    throw invalidArgument(cFunction, "keycodes", `keycodes in ${cFunction} must not be NULL`);
  }
  if (codeset > Math.max(...Object.values(KeycodeSet))) {
    throw invalidArgument(cFunction, "codeset", `Unsupported codeset '${codeset | 0}'`);
  }
}

function checkGiven(value: string | null, name: string, cFunction: string): void {
  if (value === null) throw invalidArgument(cFunction, name, `${name} in ${cFunction} must not be NULL`);
}
