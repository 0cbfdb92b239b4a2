import { createServer } from "node:net";

/** A port of 127.0.0.1 that nobody listened on a moment ago; whoever takes it must be ready to lose the race. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) {
        resolve(address.port);
      } else {
        reject(new Error("the system gave no port"));
      }
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
