import type { CgroupFolders } from "./cgroup-folders.ts";
import type { ReadText } from "./read-text.ts";

/** How much memory one limit leaves. */
export interface MemoryRoom {
  /** Whose limit it is. */
  readonly of: "container" | "machine";
  readonly limitInBytes: number;
  /** What is in use and cannot be dropped: without the file cache that nobody has used for long. */
  readonly workingSetInBytes: number;
}

/** This share of a limit is never touched by a load, so that what the application needs next does not end it. */
const RESERVED_SHARE = 0.1;

/** Version 1 writes "no limit" as the greatest number of pages, some 2^63 bytes. */
const UNLIMITED_FROM_BYTES = 2 ** 60;

/** How much of a room may still be filled, in bytes; below zero when more is in use than should be. */
export function usableInBytes({ limitInBytes, workingSetInBytes }: MemoryRoom): number {
  return limitInBytes - workingSetInBytes - reservedInBytes(limitInBytes);
}

/** What stays free of a limit, in bytes. */
export function reservedInBytes(limitInBytes: number): number {
  return limitInBytes * RESERVED_SHARE;
}

/** The rooms that the limited ones among some control groups leave. */
export function memoryRoomsOf(
  { version, folders }: CgroupFolders,
  read: ReadText,
): readonly MemoryRoom[] {
  const files = version === 2 ? FILES_OF_VERSION_2 : FILES_OF_VERSION_1;
  return folders.flatMap((folder) => {
    const limitInBytes = toNumber(read(`${folder}/${files.limit}`));
    const usedInBytes = toNumber(read(`${folder}/${files.used}`));
    if (limitInBytes === null || usedInBytes === null || limitInBytes >= UNLIMITED_FROM_BYTES) {
      return [];
    }
    const cacheInBytes = rowOf(read(`${folder}/memory.stat`), files.cache) ?? 0;
    const workingSetInBytes = Math.max(0, usedInBytes - cacheInBytes);
    return [{ of: "container" as const, limitInBytes, workingSetInBytes }];
  });
}

/** What the machine itself leaves, by the text of /proc/meminfo; null when it does not say. */
export function memoryRoomOfMachine(text: string | null): MemoryRoom | null {
  const total = rowOf(text, "MemTotal:");
  const available = rowOf(text, "MemAvailable:");
  if (total === null || available === null) {
    return null;
  }
  return {
    of: "machine",
    limitInBytes: total * 1024,
    workingSetInBytes: (total - available) * 1024,
  };
}

const FILES_OF_VERSION_1 = {
  limit: "memory.limit_in_bytes",
  used: "memory.usage_in_bytes",
  cache: "total_inactive_file",
} as const;

const FILES_OF_VERSION_2 = {
  limit: "memory.max",
  used: "memory.current",
  cache: "inactive_file",
} as const;

/** The number after a name at the beginning of a line. */
function rowOf(text: string | null, name: string): number | null {
  const row = text?.split("\n").find((line) => line.startsWith(`${name} `));
  return toNumber(row?.slice(name.length).replace(/kB$/u, "") ?? null);
}

/** "max" is no number, nor is an empty file. */
function toNumber(text: string | null): number | null {
  const value = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
