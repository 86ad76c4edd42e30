/** The order in which libvirt prints what is in a network's definition. */
export const networkOrder: readonly string[] = [
  ...["name", "uuid", "title", "description", "metadata", "forward", "bridge", "mtu", "mac", "domain"],
  ...["dns", "vlan", "bandwidth", "port", "ip", "route", "virtualport", "portgroup"],
];

/** What can be there more than once. */
export const networkLists: readonly string[] = ["ip", "route", "portgroup"];
