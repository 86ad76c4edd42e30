import {
  DomainCreateFlags,
  DomainDefineFlags,
  DomainDestroyFlagsValues,
  DomainRebootFlagValues,
  DomainUndefineFlagsValues,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { parseDomain } from "../domain/read.js";
import { checkFlags, invalidArgument } from "../errors.js";
import type { ClientState, DriverHandlers } from "../state.js";
import { domainToWire } from "../wire.js";

/** Domains coming, going, and what happens to them in between. */
export function domainLifecycleHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainDefineXml, ({ xml }, { state }) => define(state, xml, 0))
    .on(remote.domainDefineXmlFlags, ({ xml, flags }, { state }) => define(state, xml, flags))
    .on(remote.domainCreateXml, ({ xmlDesc, flags }, { state }) => createXml(state, xmlDesc, flags))
    .on(remote.domainCreateXmlWithFiles, ({ xmlDesc, flags }, { state }) => createXml(state, xmlDesc, flags))
    .on(remote.domainCreate, ({ dom }, { state }) => void create(state, dom, 0))
    .on(remote.domainCreateWithFlags, ({ dom, flags }, { state }) => create(state, dom, flags))
    .on(remote.domainCreateWithFiles, ({ dom, flags }, { state }) => create(state, dom, flags))
    .on(remote.domainDestroy, ({ dom }, { state }) => destroy(state, dom, 0))
    .on(remote.domainDestroyFlags, ({ dom, flags }, { state }) => destroy(state, dom, flags))
    .on(remote.domainShutdown, ({ dom }, { state }) => shutdown(state, dom, 0))
    .on(remote.domainShutdownFlags, ({ dom, flags }, { state }) => shutdown(state, dom, flags))
    .on(remote.domainReboot, ({ dom, flags }, { state }) => {
      const known = Object.values(DomainRebootFlagValues).reduce<number>((all, flag) => all | flag, 0);
      checkFlags(flags, known, "testDomainReboot");
      state.world.domain(dom).reboot();
    })
    .on(remote.domainReset, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainReset");
      state.world.domain(dom).checkActive();
    })
    .on(remote.domainSuspend, ({ dom }, { state }) => state.world.domain(dom).suspend(dom.name))
    .on(remote.domainResume, ({ dom }, { state }) => state.world.domain(dom).resume(dom.name))
    .on(remote.domainUndefine, ({ dom }, { state }) => undefine(state, dom, 0))
    .on(remote.domainUndefineFlags, ({ dom, flags }, { state }) => undefine(state, dom, flags))
    .on(remote.domainRename, ({ dom, newName, flags }, { state }) => {
      if (newName === "") {
        const message = "string new_name in virDomainRename must not be empty";
        throw invalidArgument("virDomainRename", "new_name", message);
      }
      checkFlags(flags, 0, "testDomainRename");
      state.world.domain(dom).rename(newName ?? "");
      return { retcode: 0 };
    })
    .on(remote.domainGetAutostart, ({ dom }, { state }) => ({
      autostart: state.world.domain(dom).autostart ? 1 : 0,
    }))
    .on(remote.domainSetAutostart, ({ dom, autostart }, { state }) => {
      state.world.domain(dom).autostart = autostart !== 0;
    });
}

function define({ world }: ClientState, xml: string, flags: number) {
  checkFlags(flags, DomainDefineFlags.VALIDATE, "testDomainDefineXMLFlags");
  return { dom: domainToWire(world.domains.define(parseDomain(xml))) };
}

function createXml({ world }: ClientState, xml: string, flags: number) {
  checkFlags(flags, DomainCreateFlags.START_VALIDATE, "testDomainCreateXML");
  return { dom: domainToWire(world.domains.create(parseDomain(xml), "booted")) };
}

function create({ world }: ClientState, dom: remote.NonnullDomain, flags: number) {
  checkFlags(flags, 0, "testDomainCreateWithFlags");
  const domain = world.domain(dom);
  domain.create(dom.name);
  return { dom: { ...domainToWire(domain), name: dom.name } };
}

function destroy({ world }: ClientState, dom: remote.NonnullDomain, flags: number): void {
  checkFlags(flags, DomainDestroyFlagsValues.GRACEFUL, "testDomainDestroyFlags");
  world.domain(dom).destroy();
}

function shutdown({ world }: ClientState, dom: remote.NonnullDomain, flags: number): void {
  checkFlags(flags, 0, "testDomainShutdownFlags");
  world.domain(dom).shutdown(dom.name);
}

function undefine({ world }: ClientState, dom: remote.NonnullDomain, flags: number): void {
  const { MANAGED_SAVE, SNAPSHOTS_METADATA } = DomainUndefineFlagsValues;
  checkFlags(flags, MANAGED_SAVE | SNAPSHOTS_METADATA, "testDomainUndefineFlags");
  world.domain(dom).undefine({
    managedSave: (flags & MANAGED_SAVE) !== 0,
    snapshots: (flags & SNAPSHOTS_METADATA) !== 0,
  });
}
