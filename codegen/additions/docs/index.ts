import { adminDocs } from "./admin.js";
import { connectionDocs } from "./connection.js";
import { deviceDocs } from "./devices.js";
import type { Docs } from "./doc.js";
import { domainDocs } from "./domain.js";
import { domainConnectionDocs } from "./domain-connection.js";
import { domainDiskDocs } from "./domain-disks.js";
import { domainMigrationDocs } from "./domain-migration.js";
import { domainResourceDocs } from "./domain-resources.js";
import { networkDocs } from "./network.js";
import { snapshotDocs } from "./snapshots.js";
import { storageDocs } from "./storage.js";

/** All that our documentation says, by C function name. */
export const docs: Docs = {
  ...adminDocs,
  ...connectionDocs,
  ...deviceDocs,
  ...domainDocs,
  ...domainMigrationDocs,
  ...domainConnectionDocs,
  ...domainDiskDocs,
  ...domainResourceDocs,
  ...networkDocs,
  ...snapshotDocs,
  ...storageDocs,
};
