/** Where a broker listens and with which key; a restarted one takes the same seat, so that its clients find it again. */
export interface BrokerSeat {
  /** Of AMQP and of the management API alike; 0 = any free port. */
  readonly port: number;
  /** 256 random bits in base64. Never printed. */
  readonly sharedAccessKey: string;
  /** Whether its faults can be switched on over HTTP by whoever has the key. */
  readonly faults: boolean;
}
