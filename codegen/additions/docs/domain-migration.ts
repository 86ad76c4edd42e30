import type { Docs } from "./doc.js";
import { migrateSpeed, migration, readonly, running } from "./domain-phrases.js";

/** Migration. */
export const domainMigrationDocs: Docs = {
  virDomainMigrate: {
    summary: "Moves the domain to another host; `migrate3` can do more.",
    params: {
      bandwidth: migrateSpeed,
      dconn: "Connection to the destination.",
      dname: "Name that the domain shall have there; null to keep its own.",
      uri: "Address of the destination as the source host sees it; null lets the destination choose.",
    },
    returns: "The domain at its destination, an object of `dconn`.",
    errors: migration,
  },
  virDomainMigrate2: {
    summary: "Moves the domain to another host, with altered XML if wanted; `migrate3` can do more.",
    params: {
      bandwidth: migrateSpeed,
      dconn: "Connection to the destination.",
      dname: "Name that the domain shall have there; null to keep its own.",
      dxml: "Domain XML for the destination; only what the guest cannot see may differ. Null for no change.",
      uri: "Address of the destination as the source host sees it; null lets the destination choose.",
    },
    returns: "The domain at its destination, an object of `dconn`.",
    errors: migration,
  },
  virDomainMigrate3: {
    summary: "Moves the domain to another host, with this client between the two daemons.",
    params: {
      dconn: "Connection to the destination.",
      params:
        "By names such as `MIGRATE_PARAM_URI`, `MIGRATE_PARAM_DEST_NAME`, `MIGRATE_PARAM_DEST_XML` and `MIGRATE_PARAM_BANDWIDTH` (MiB/s).",
    },
    returns: "The domain at its destination, an object of `dconn`.",
    errors: {
      ...migration,
      INVALID_ARG: "the flags want peer-to-peer or a tunnel: that is `migrateToURI3`.",
    },
  },
  virDomainMigrateGetCompressionCache: {
    summary: "Gives the size of the cache for compressing memory pages in live migration, in bytes.",
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "this QEMU cannot compress a migration." },
  },
  virDomainMigrateGetMaxDowntime: {
    summary: "Gives the longest pause at the end of a live migration, in ms.",
    errors: { OPERATION_INVALID: running },
  },
  virDomainMigrateGetMaxSpeed: {
    summary: "Gives the bandwidth limit of migrations, or of their post-copy phase, in MiB/s.",
    errors: { OPERATION_DENIED: readonly },
  },
  virDomainMigrateSetCompressionCache: {
    summary: "Sets the size of the cache for compressing memory pages in live migration.",
    params: { cacheSize: "Size in bytes." },
    errors: { OPERATION_INVALID: running, OPERATION_UNSUPPORTED: "this QEMU cannot compress a migration." },
  },
  virDomainMigrateSetMaxDowntime: {
    summary: "Sets the longest pause at the end of a live migration, also while one is in progress.",
    params: { downtime: "Time in ms." },
    errors: { OPERATION_INVALID: running },
  },
  virDomainMigrateSetMaxSpeed: {
    summary: "Sets the bandwidth limit of migrations, or of their post-copy phase.",
    params: { bandwidth: "Limit in MiB/s." },
    errors: { OVERFLOW: "the limit is too large." },
  },
  virDomainMigrateStartPostCopy: {
    summary:
      "Lets the migrating domain run at its destination now and fetch the rest of its memory as needed.",
    errors: {
      OPERATION_INVALID: "the domain is not migrating away, or not with `DomainMigrateFlags.POSTCOPY`.",
    },
  },
  virDomainMigrateToURI: {
    summary: "Moves the domain to another host, by its own daemon; `migrateToURI3` can do more.",
    params: {
      bandwidth: migrateSpeed,
      dname: "Name that the domain shall have there; null to keep its own.",
      duri: "Libvirt URI of the destination with `DomainMigrateFlags.PEER2PEER`, else the hypervisor's address of it.",
    },
    errors: migration,
  },
  virDomainMigrateToURI2: {
    summary: "Moves the domain to another host, by its own daemon, with altered XML if wanted.",
    params: {
      bandwidth: migrateSpeed,
      dconnuri: "Libvirt URI of the destination with `DomainMigrateFlags.PEER2PEER`, else null.",
      dname: "Name that the domain shall have there; null to keep its own.",
      dxml: "Domain XML for the destination; only what the guest cannot see may differ. Null for no change.",
      miguri: "The hypervisor's address of the destination; null lets the destination choose.",
    },
    errors: migration,
  },
  virDomainMigrateToURI3: {
    summary: "Moves the domain to another host, by its own daemon: this client need not reach the other.",
    params: {
      dconnuri: "Libvirt URI of the destination with `DomainMigrateFlags.PEER2PEER`, else null.",
      params:
        "By names such as `MIGRATE_PARAM_URI` (needed without peer-to-peer), `MIGRATE_PARAM_DEST_NAME` and `MIGRATE_PARAM_BANDWIDTH` (MiB/s).",
    },
    errors: migration,
  },
};
