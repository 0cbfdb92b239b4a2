import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generate } from "selfsigned";

/** A certificate for localhost and 127.0.0.1 that is its own authority. */
export interface MadeCertificate {
  /** In PEM. */
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a certificate and writes it and its key into a directory, a new one unless one is given. */
export async function makeCertificate(given?: string): Promise<MadeCertificate> {
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    keySize: 2048,
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  const directory = given ?? (await mkdtemp(join(tmpdir(), "fleetquake-certificate-")));
  const certFile = join(directory, "server.crt");
  const keyFile = join(directory, "server.key");
  await writeFile(certFile, pems.cert);
  await writeFile(keyFile, pems.private, { mode: 0o600 });
  return { cert: pems.cert, key: pems.private, certFile, keyFile };
}
