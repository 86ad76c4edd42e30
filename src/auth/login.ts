import { bytesOf, lackOfPassword, type Mechanism } from "./mechanism.js";

/** LOGIN, the older way to send name and password: the daemon asks for one after the other. */
export const login: Mechanism = {
  name: "LOGIN",
  plain: true,
  layered: false,
  lacks: lackOfPassword,
  async *exchange({ credentials }) {
    const { authname, password } = await credentials.login("LOGIN");
    // What it asks with is meant for people.
    yield null;
    yield bytesOf(authname);
    yield bytesOf(password);
    return undefined;
  },
};
