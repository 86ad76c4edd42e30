import type { Docs } from "./doc.js";

/** The admin API: a daemon's servers, their clients and limits, logging, and the daemon's own end. */
export const adminDocs: Docs = {
  virAdmClientClose: {
    summary: "Cuts this client off from the daemon at once, whatever it was doing.",
    errors: { NO_CLIENT: "The client has left already." },
  },
  virAdmClientGetID: {
    summary: "Gives the number by which its server knows this client.",
  },
  virAdmClientGetInfo: {
    summary: "Tells who this client is: how it came in and as whom.",
    returns:
      "Values by name (the `CLIENT_INFO_*` constants). Every client has `readonly` (always `false` over " +
      "TCP and TLS); a local one has its user, group and process, a remote one its socket address and, " +
      "after TLS, the name on its certificate. What the daemon does not know is left out.",
    errors: { NO_CLIENT: "The client has left already." },
  },
  virAdmClientGetTimestamp: {
    summary: "Tells when this client connected.",
    returns: "Seconds since 1970 in UTC; 0n if the daemon does not know.",
  },
  virAdmClientGetTransport: {
    summary: "Tells which kind of socket this client came in by.",
    returns: "One of `ClientTransport`. A client that tunnels through SSH counts as a Unix one.",
  },
  virAdmConnectClose: {
    summary: "Closes the admin connection; closing it again does no harm.",
  },
  virAdmConnectDaemonShutdown: {
    summary: "Ends the daemon, on request after it has saved the state of what it runs.",
  },
  virAdmConnectGetLibVersion: {
    summary: "Gives the version of libvirt that the daemon runs.",
    returns: "The version as one number: 11003000n stands for 11.3.0.",
  },
  virAdmConnectGetLoggingFilters: {
    summary: "Reads the daemon's log filters.",
    returns:
      "The filters, with spaces between them, as `log_filters` in libvirtd.conf has them; `null` if there " +
      "is none.",
  },
  virAdmConnectGetLoggingOutputs: {
    summary: "Reads where the daemon's log goes.",
    returns: "The outputs, with spaces between them, as `log_outputs` in libvirtd.conf has them.",
  },
  virAdmConnectGetURI: {
    summary: "Gives the URI of this admin connection, also where the caller named none.",
  },
  virAdmConnectIsAlive: {
    summary: "Tells whether the channel to the daemon is still open; nothing is sent.",
  },
  virAdmConnectListServers: {
    summary: "Lists the daemon's servers: one for its ordinary API, one for the admin API.",
  },
  virAdmConnectLookupServer: {
    summary: "Finds one of the daemon's servers by its name.",
    params: { name: "The server's name, such as `libvirtd`, `virtqemud` or `admin`." },
    errors: { NO_SERVER: "The daemon has no server of that name." },
  },
  virAdmConnectOpen: {
    summary: "Connects to the admin interface that a daemon offers on its own host.",
    params: {
      name:
        "The URI, such as `libvirtd:///system` or `virtqemud:///session`; without one, the environment's, " +
        "then the configuration's, then that of libvirtd: root's for root, for others their own.",
    },
    errors: { CONFIG_UNSUPPORTED: "The URI names no daemon with an admin interface." },
  },
  virAdmConnectRegisterCloseCallback: {
    summary: "Has a function called when this admin connection closes, for whatever reason.",
    params: { cb: "Called once, with the reason." },
  },
  virAdmConnectSetDaemonTimeout: {
    summary: "Sets how long the daemon stays up with nobody connected and nothing to look after.",
    params: { timeout: "Idle time in seconds after which the daemon exits; 0 keeps it up for good." },
  },
  virAdmConnectSetLoggingFilters: {
    summary: "Replaces the daemon's log filters until it restarts.",
    params: {
      filters:
        "The new filters, written as in libvirtd.conf with spaces between; empty or `null` clears them.",
    },
  },
  virAdmConnectSetLoggingOutputs: {
    summary: "Redirects the daemon's log until it restarts.",
    params: {
      outputs:
        "The new outputs, written as in libvirtd.conf with spaces between; empty or `null` goes back to " +
        "the default.",
    },
  },
  virAdmConnectUnregisterCloseCallback: {
    summary: "Takes back the function that was to be called when this admin connection closes.",
    params: { cb: "The function that was registered." },
  },
  virAdmServerGetClientLimits: {
    summary: "Reads how many clients this server has, and how many it would take.",
    returns:
      "Counts by name (the `SERVER_CLIENTS_*` constants): `nclients` of at most `nclients_max`, and among " +
      "them `nclients_unauth`, of at most `nclients_unauth_max`, that have yet to authenticate.",
    errors: { NO_SERVER: "The daemon has no such server any more." },
  },
  virAdmServerGetName: {
    summary: "Gives this server's name.",
  },
  virAdmServerGetThreadPoolParameters: {
    summary: "Reads the size and the load of the pool of threads that works off this server's calls.",
    returns:
      "Counts by name (the `THREADPOOL_*` constants): workers at least and at most, at present, idle, and " +
      "reserved for urgent calls, and how many calls wait.",
    errors: { NO_SERVER: "The daemon has no such server any more." },
  },
  virAdmServerListClients: {
    summary: "Lists the clients that are connected to this server.",
    errors: { NO_SERVER: "The daemon has no such server any more." },
  },
  virAdmServerLookupClient: {
    summary: "Finds one of this server's clients by its number.",
    params: { id: "The client's number, as `getID` gives it." },
    errors: { NO_CLIENT: "Nobody is connected under that number." },
  },
  virAdmServerSetClientLimits: {
    summary: "Changes how many clients this server takes; those already connected stay.",
    params: {
      params:
        "The new limits by name: `nclients_max`, `nclients_unauth_max` or both; whatever is left out stays " +
        "as it is.",
    },
    errors: { INVALID_ARG: "More clients could wait to authenticate than could be connected at all." },
  },
  virAdmServerSetThreadPoolParameters: {
    summary: "Resizes the pool of threads that works off this server's calls.",
    params: {
      params:
        "The new sizes by name: `minWorkers`, `maxWorkers`, `prioWorkers`; whatever is left out stays as " +
        "it is, and the other values that can be read cannot be set.",
    },
    errors: { INVALID_ARG: "The minimum exceeds the maximum, or the maximum would go to or from 0." },
  },
  virAdmServerUpdateTlsFiles: {
    summary: "Has this server read its TLS certificates, keys and revocation list anew.",
    errors: { INTERNAL_ERROR: "The server does not listen for TLS." },
  },
};
