// Of a HEALTHCHECK: opens a TCP connection to a port of this container. Ends with 0 when somebody listens.
import { connect } from "node:net";

const socket = connect(Number(process.argv[2]), "127.0.0.1");
socket.setTimeout(5_000, () => process.exit(1));
socket.once("connect", () => process.exit(0));
socket.once("error", () => process.exit(1));
