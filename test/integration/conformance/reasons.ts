/** Functions that the suite does not call, and why. */
export const notCallable: Readonly<Record<string, string>> = {
  virDomainLxcOpenNamespace:
    "namespaces are files, and Node can receive sockets only: ours is an `UnsupportedError` always",
};
