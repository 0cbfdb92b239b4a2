/** Something that this machine can run as a Redis server. */
export type RedisProgram =
  | {
      readonly kind: "executable";
      readonly path: string;
      /** For example "7.0.15". */
      readonly version: string;
    }
  | {
      readonly kind: "docker";
      readonly path: string;
      readonly image: string;
    };
