import { type AmqpMap, type AmqpValue, Described } from "./amqp-value.ts";
import { decodeError } from "./amqp-error.ts";
import {
  booleanField,
  type Fields,
  mapField,
  optionalBinary,
  optionalText,
  optionalUint,
  textField,
  uintField,
} from "./fields.ts";

/** What a peer says of itself in open; only what a broker acts upon. */
export interface Open {
  readonly containerId: string;
  readonly maxFrameSize: number;
  readonly idleTimeoutInMs: number | undefined;
}

export interface Begin {
  readonly remoteChannel: number | undefined;
  readonly nextOutgoingId: number;
  readonly incomingWindow: number;
}

/** One end of a link: where messages come from or go to. */
export interface Terminus {
  /** 0x28 source, 0x29 target, 0x30 transaction coordinator. */
  readonly descriptor: number | string;
  readonly address: string | undefined;
  readonly dynamic: boolean;
  readonly filter: AmqpMap;
}

export interface Attach {
  readonly name: string;
  readonly handle: number;
  /** True when the peer receives, so that we send. */
  readonly isReceiver: boolean;
  readonly senderSettleMode: number;
  readonly receiverSettleMode: number;
  readonly source: Terminus | undefined;
  readonly target: Terminus | undefined;
  readonly initialDeliveryCount: number;
  readonly properties: AmqpMap;
}

export interface Flow {
  readonly nextIncomingId: number | undefined;
  readonly incomingWindow: number;
  readonly nextOutgoingId: number;
  readonly handle: number | undefined;
  readonly deliveryCount: number | undefined;
  readonly linkCredit: number | undefined;
  readonly drain: boolean;
  readonly echo: boolean;
}

export interface Transfer {
  readonly handle: number;
  readonly deliveryId: number | undefined;
  readonly messageFormat: number;
  readonly settled: boolean;
  readonly more: boolean;
  readonly state: AmqpValue;
  readonly aborted: boolean;
}

export interface Disposition {
  /** True when it comes from the receiver of the deliveries. */
  readonly isReceiver: boolean;
  readonly first: number;
  readonly last: number;
  readonly settled: boolean;
  readonly state: AmqpValue;
}

export const coordinatorDescriptor = 0x30;

export function readOpen(fields: Fields): Open {
  return {
    containerId: textField(fields, 0),
    maxFrameSize: Math.max(512, uintField(fields, 2, 0xffff_ffff)),
    idleTimeoutInMs: optionalUint(fields, 4),
  };
}

export function readBegin(fields: Fields): Begin {
  return {
    remoteChannel: optionalUint(fields, 0),
    nextOutgoingId: uintField(fields, 1),
    incomingWindow: uintField(fields, 2),
  };
}

export function readAttach(fields: Fields): Attach {
  return {
    name: textField(fields, 0),
    handle: uintField(fields, 1),
    isReceiver: booleanField(fields, 2),
    senderSettleMode: uintField(fields, 3, 2),
    receiverSettleMode: uintField(fields, 4, 0),
    source: readTerminus(fields[5] ?? null),
    target: readTerminus(fields[6] ?? null),
    initialDeliveryCount: uintField(fields, 9, 0),
    properties: mapField(fields, 13),
  };
}

function readTerminus(value: AmqpValue): Terminus | undefined {
  if (value === null) {
    return undefined;
  }
  if (!(value instanceof Described) || !Array.isArray(value.value)) {
    throw decodeError("A source or target must be a described list.");
  }
  const fields: Fields = value.value;
  if (value.descriptor === coordinatorDescriptor) {
    return { descriptor: value.descriptor, address: undefined, dynamic: false, filter: new Map() };
  }
  return {
    descriptor: value.descriptor,
    address: optionalText(fields, 0),
    dynamic: booleanField(fields, 4),
    filter: mapField(fields, 7),
  };
}

export function readFlow(fields: Fields): Flow {
  return {
    nextIncomingId: optionalUint(fields, 0),
    incomingWindow: uintField(fields, 1),
    nextOutgoingId: uintField(fields, 2),
    handle: optionalUint(fields, 4),
    deliveryCount: optionalUint(fields, 5),
    linkCredit: optionalUint(fields, 6),
    drain: booleanField(fields, 8),
    echo: booleanField(fields, 9),
  };
}

export function readTransfer(fields: Fields): Transfer {
  optionalBinary(fields, 2);
  return {
    handle: uintField(fields, 0),
    deliveryId: optionalUint(fields, 1),
    messageFormat: uintField(fields, 3, 0),
    settled: booleanField(fields, 4),
    more: booleanField(fields, 5),
    state: fields[7] ?? null,
    aborted: booleanField(fields, 9),
  };
}

export function readDisposition(fields: Fields): Disposition {
  const first = uintField(fields, 1);
  return {
    isReceiver: booleanField(fields, 0),
    first,
    last: uintField(fields, 2, first),
    settled: booleanField(fields, 3),
    state: fields[4] ?? null,
  };
}

/** The handle of a detach frame, and whether it closes the link for good. */
export function readDetach(fields: Fields): { handle: number; closed: boolean } {
  return { handle: uintField(fields, 0), closed: booleanField(fields, 1) };
}
