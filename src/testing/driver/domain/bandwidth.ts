import type { XmlElement } from "../xml/element.js";
import { element } from "../xml/element.js";
import { interfaceOrder } from "./order.js";

/** How much may go one way through an interface, in KiB a second and KiB; 0 is no bound. */
export interface Rate {
  readonly average: number;
  readonly peak: number;
  readonly burst: number;
  /** What it has at least; only inbound. */
  readonly floor: number;
}

export type Way = "inbound" | "outbound";

export const noRate: Rate = { average: 0, peak: 0, burst: 0, floor: 0 };

export function rateOf(device: XmlElement, way: Way): Rate {
  const found = device.child("bandwidth", way);
  const number = (name: string) => Number(found?.attribute(name) ?? 0);
  return {
    average: number("average"),
    peak: number("peak"),
    burst: number("burst"),
    floor: number("floor"),
  };
}

/** Bounds those ways anew that are given; a rate without an average and a floor is none. */
export function setRates(device: XmlElement, rates: Partial<Record<Way, Rate>>): void {
  const bandwidth = device.ensure("bandwidth", interfaceOrder);
  // Once something has been said about it, it is printed even when it bounds nothing.
  bandwidth.block = true;
  for (const way of ["inbound", "outbound"] as const) {
    const rate = rates[way];
    if (!rate) continue;
    bandwidth.removeNamed(way);
    const { average, peak, floor, burst } = rate;
    if (average === 0 && floor === 0) continue;
    const given = Object.entries({ average, peak, floor, burst }).filter(([, value]) => value !== 0);
    bandwidth.place(element(way, Object.fromEntries(given)), ["inbound", "outbound"]);
  }
}
