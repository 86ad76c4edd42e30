import { StoragePoolMethods } from "./generated/storage-pool.js";

/** A storage pool: where volumes come from. */
export class StoragePool extends StoragePoolMethods {}
