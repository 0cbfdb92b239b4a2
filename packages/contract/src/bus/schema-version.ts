/** Version of the bus messages. A reader drops, counts and logs every message of another version. */
export const BUS_SCHEMA_VERSION = 1;
