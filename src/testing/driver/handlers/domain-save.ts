import {
  DomainCoreDumpFlags,
  DomainCoreDumpFormat,
  DomainSaveImageXMLFlags,
  DomainSaveRestoreFlags,
  ErrorNumber,
} from "../../../generated/constants.js";
import * as remote from "../../../protocol/generated/remote.js";
import { parseDomain } from "../domain/read.js";
import { readSaveImage, writeCore, writeSaveImage } from "../domain/save-image.js";
import { checkExclusive, checkFlags, driverError, invalidArgument, type NamedFlag } from "../errors.js";
import type { ClientState, DriverHandlers } from "../state.js";

/** Domains put into files and taken out of them again. */
export function domainSaveHandlers(handlers: DriverHandlers): void {
  handlers
    .on(remote.domainSave, ({ dom, to }, { state }) => save(state, dom, to, null, 0))
    .on(remote.domainSaveFlags, ({ dom, to, dxml, flags }, { state }) => save(state, dom, to, dxml, flags))
    .on(remote.domainRestore, ({ from }, { state }) => restore(state, from, null, 0))
    .on(remote.domainRestoreFlags, ({ from, dxml, flags }, { state }) => restore(state, from, dxml, flags))
    .on(remote.domainSaveImageGetXmlDesc, async ({ file, flags }) => {
      checkFlags(flags, DomainSaveImageXMLFlags.SECURE, "testDomainSaveImageGetXMLDesc");
      return { xml: (await readSaveImage(file)).format() };
    })
    .on(remote.domainSaveImageDefineXml, async ({ file, dxml, flags }) => {
      const { RUNNING, PAUSED } = DomainSaveRestoreFlags;
      checkStates(flags, "virDomainSaveImageDefineXML");
      checkFlags(flags, RUNNING | PAUSED, "testDomainSaveImageDefineXML");
      await readSaveImage(file);
      await writeSaveImage(file, parseDomain(dxml));
    })
    .on(remote.domainManagedSave, ({ dom, flags }, { state }) => {
      const { BYPASS_CACHE, RUNNING, PAUSED } = DomainSaveRestoreFlags;
      checkStates(flags, "virDomainManagedSave");
      checkFlags(flags, BYPASS_CACHE | RUNNING | PAUSED, "testDomainManagedSave");
      state.world.domain(dom).managedSave();
    })
    .on(remote.domainHasManagedSaveImage, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainHasManagedSaveImage");
      return { result: state.world.domain(dom).hasManagedSave ? 1 : 0 };
    })
    .on(remote.domainManagedSaveRemove, ({ dom, flags }, { state }) => {
      checkFlags(flags, 0, "testDomainManagedSaveRemove");
      state.world.domain(dom).hasManagedSave = false;
    })
    .on(remote.domainCoreDump, ({ dom, to, flags }, { state }) => {
      checkManner(flags, "virDomainCoreDump");
      return dump(state, dom, to, DomainCoreDumpFormat.RAW, flags);
    })
    .on(remote.domainCoreDumpWithFormat, ({ dom, to, dumpformat, flags }, { state }) => {
      if (dumpformat > DomainCoreDumpFormat.WIN_DMP) {
        const message = `dumpformat '${dumpformat}' is not supported`;
        throw invalidArgument("virDomainCoreDumpWithFormat", "flags", message);
      }
      checkManner(flags, "virDomainCoreDumpWithFormat");
      return dump(state, dom, to, dumpformat, flags);
    });
}

type Dom = remote.NonnullDomain;

/** It can only be in one of the states when it comes back. */
function checkStates(flags: number, cFunction: string): void {
  const { RUNNING, PAUSED } = DomainSaveRestoreFlags;
  checkExclusive(flags, [RUNNING, "VIR_DOMAIN_SAVE_RUNNING"], [PAUSED, "VIR_DOMAIN_SAVE_PAUSED"], cFunction);
}

async function save({ world }: ClientState, dom: Dom, to: string, dxml: string | null, flags: number) {
  checkStates(flags, "virDomainSaveFlags");
  checkFlags(flags, 0, "testDomainSaveFlags");
  refuseXml(dxml);
  const domain = world.domain(dom);
  domain.checkActive();
  await writeSaveImage(to, domain.current);
  // Another client may have stopped it meanwhile.
  domain.checkActive();
  domain.stop("saved");
}

async function restore({ world }: ClientState, from: string, dxml: string | null, flags: number) {
  checkStates(flags, "virDomainRestoreFlags");
  checkFlags(flags, 0, "testDomainRestoreFlags");
  refuseXml(dxml);
  world.domains.create(await readSaveImage(from), "restored");
}

function refuseXml(dxml: string | null): void {
  if (dxml !== null) throw driverError(ErrorNumber.ARGUMENT_UNSUPPORTED, "xml modification unsupported");
}

/** What becomes of the domain meanwhile is one thing at most. */
function checkManner(flags: number, cFunction: string): void {
  const crash: NamedFlag = [DomainCoreDumpFlags.CRASH, "VIR_DUMP_CRASH"];
  const live: NamedFlag = [DomainCoreDumpFlags.LIVE, "VIR_DUMP_LIVE"];
  const reset: NamedFlag = [DomainCoreDumpFlags.RESET, "VIR_DUMP_RESET"];
  checkExclusive(flags, crash, live, cFunction);
  checkExclusive(flags, crash, reset, cFunction);
  checkExclusive(flags, live, reset, cFunction);
}

async function dump({ world }: ClientState, dom: Dom, to: string, format: number, flags: number) {
  checkFlags(flags, DomainCoreDumpFlags.CRASH, "testDomainCoreDumpWithFormat");
  const domain = world.domain(dom);
  domain.checkActive();
  await writeCore(to, domain.name);
  if (format !== DomainCoreDumpFormat.RAW) {
    const detail = "kdump-compressed format is not supported here";
    throw driverError(ErrorNumber.OPERATION_UNSUPPORTED, detail);
  }
  if ((flags & DomainCoreDumpFlags.CRASH) === 0) return;
  domain.checkActive();
  domain.stop("crashed");
}
