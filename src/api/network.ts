import { NetworkMethods } from "./generated/network.js";

/** A virtual network. */
export class Network extends NetworkMethods {}
