import { ServiceBusError } from "@azure/service-bus";
import { BusUnavailableError } from "@fleetquake/coordinator/ports";
import { describe, expect, it } from "vitest";
import { isCertainlyNotSent, isWorthRetrying } from "./is-certainly-not-sent.ts";

const refusal = (code: string): Error =>
  Object.assign(new ServiceBusError("refused", "GeneralError"), { code });
const systemError = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall, errno: -1 });

describe("a message is certainly not at the broker", () => {
  it.each([
    ["the topic is not there", refusal("MessagingEntityNotFound")],
    ["the topic is disabled", refusal("MessagingEntityDisabled")],
    ["we have no right to send", refusal("UnauthorizedAccess")],
    ["it was too large", refusal("MessageSizeExceeded")],
    ["the topic is full", refusal("QuotaExceeded")],
    ["the broker was too busy to take it", refusal("ServiceBusy")],
    [
      "the link had no credit",
      new ServiceBusError("SenderBusyError: [..] cannot send", "GeneralError"),
    ],
    ["the link was gone", new ServiceBusError("SenderNotReadyError: not ready", "GeneralError")],
    ["nobody listens", systemError("ECONNREFUSED", "connect")],
    ["the name is not known", systemError("ENOTFOUND", "getaddrinfo")],
    [
      "no address could be connected to",
      new AggregateError([systemError("ECONNREFUSED", "connect")]),
    ],
  ])("when %s", (_when, error) => {
    expect(isCertainlyNotSent(error)).toBe(true);
  });
});

describe("a message may be at the broker", () => {
  it.each([
    ["the answer did not come in time", refusal("ServiceTimeout")],
    ["the broker failed", refusal("GeneralError")],
    ["the broker could not be communicated with", refusal("ServiceCommunicationProblem")],
    ["the connection was reset", systemError("ECONNRESET", "read")],
    ["the caller gave up", Object.assign(new Error("aborted"), { name: "AbortError" })],
    [
      "one of two attempts may have arrived",
      new AggregateError([refusal("ServiceTimeout"), refusal("ServiceBusy")]),
    ],
    ["nothing is said", new AggregateError([])],
    ["something else was thrown", "MessagingEntityNotFound"],
  ])("when %s", (_when, error) => {
    expect(isCertainlyNotSent(error)).toBe(false);
  });
});

it("does not try again what would be refused again", () => {
  expect(isWorthRetrying(refusal("UnauthorizedAccess"))).toBe(false);
  expect(isWorthRetrying(refusal("MessageSizeExceeded"))).toBe(false);
  expect(isWorthRetrying(refusal("ServiceBusy"))).toBe(true);
  expect(isWorthRetrying(new BusUnavailableError("The bus cannot be reached"))).toBe(false);
  expect(isWorthRetrying(new Error("The connection was reset"))).toBe(true);
});
