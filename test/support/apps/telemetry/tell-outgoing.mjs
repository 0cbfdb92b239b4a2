// Preloaded: says on standard error to which hosts the process opens connections, each once. Unix sockets are none.
import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";

const told = new Set();
const connect = Reflect.get(Socket.prototype, "connect");

function hostOf([first]) {
  const options = Array.isArray(first) ? first[0] : first;
  return typeof options === "object" && options !== null ? (options.host ?? null) : null;
}

if (isMainThread) {
  Socket.prototype.connect = function tellingConnect(...parameters) {
    const host = hostOf(parameters);
    if (host !== null && !told.has(host)) {
      told.add(host);
      process.stderr.write(`outgoing <${host}>\n`);
    }
    return connect.apply(this, parameters);
  };
}
