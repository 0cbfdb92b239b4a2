import type { Server } from "node:http";
import type { Socket } from "node:net";

import type { TlsOptions } from "../broker-options.ts";
import { listen } from "./listen.ts";
import { routeSocket } from "./route-socket.ts";

/** Where a broker listens, and who takes what comes. */
export interface OpenPortsOptions {
  readonly host: string;
  /** AMQP and the admin REST. 0 takes any free port. */
  readonly port: number;
  /** One more port for the admin REST alone; 0 means none. */
  readonly adminPort: number;
  /** Undefined for ports without TLS. */
  readonly tls: TlsOptions | undefined;
  readonly onAmqp: (socket: Socket) => void;
  readonly adminServer: Server;
}

/** The ports of a broker. */
export interface OpenPorts {
  readonly port: number;
  readonly adminPort: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Opens a broker's ports. @throws Error with `cause` when one cannot be had. */
export async function openPorts(options: OpenPortsOptions): Promise<OpenPorts> {
  const { host, tls, onAmqp, adminServer } = options;
  const onHttp = (socket: Socket): void => {
    adminServer.emit("connection", socket);
  };
  const main = await listen({ host, port: options.port, tls }, (socket) => {
    routeSocket(socket, { amqp: onAmqp, http: onHttp });
  });
  if (options.adminPort === 0 || options.adminPort === main.port) {
    return { ...main, adminPort: main.port };
  }
  try {
    const admin = await listen({ host, port: options.adminPort, tls }, onHttp);
    return {
      port: main.port,
      adminPort: admin.port,
      close: async () => {
        await Promise.all([main.close(), admin.close()]);
      },
    };
  } catch (error) {
    await main.close();
    throw error;
  }
}
