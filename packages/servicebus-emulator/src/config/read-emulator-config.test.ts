import { describe, expect, it } from "vitest";

import { readEmulatorConfig } from "./read-emulator-config.ts";

function configOf(namespace: Record<string, unknown>): unknown {
  return {
    UserConfig: {
      Namespaces: [{ Name: "sbemulatorns", ...namespace }],
      Logging: { Type: "File" },
    },
  };
}

const queueProperties = {
  DeadLetteringOnMessageExpiration: true,
  DefaultMessageTimeToLive: "PT10M",
  DuplicateDetectionHistoryTimeWindow: "PT20S",
  ForwardDeadLetteredMessagesTo: "",
  ForwardTo: "",
  LockDuration: "PT30S",
  MaxDeliveryCount: 5,
  RequiresDuplicateDetection: false,
  RequiresSession: true,
};

describe("the config.json of Microsoft's emulator", () => {
  it("names queues, topics and subscriptions with their properties", () => {
    const { entities, problems } = readEmulatorConfig(
      configOf({
        Queues: [{ Name: "orders", Properties: queueProperties }],
        Topics: [
          {
            Name: "news",
            Properties: { DefaultMessageTimeToLive: "PT5M" },
            Subscriptions: [{ Name: "all", Properties: { MaxDeliveryCount: 7 } }],
          },
        ],
      }),
    );
    expect(problems).toEqual([]);
    expect(entities.queues).toEqual([
      {
        name: "orders",
        deadLetteringOnMessageExpiration: true,
        defaultMessageTimeToLive: "PT10M",
        duplicateDetectionHistoryTimeWindow: "PT20S",
        lockDuration: "PT30S",
        maxDeliveryCount: 5,
        requiresDuplicateDetection: false,
        requiresSession: true,
      },
    ]);
    expect(entities.topics).toMatchObject([
      {
        name: "news",
        defaultMessageTimeToLive: "PT5M",
        subscriptions: [{ name: "all", maxDeliveryCount: 7, defaultMessageTimeToLive: "PT1H" }],
      },
    ]);
  });

  it("gives what it leaves out the defaults of that emulator, not those of Azure", () => {
    const { entities } = readEmulatorConfig(configOf({ Queues: [{ Name: "q" }] }));
    expect(entities.queues).toMatchObject([
      {
        lockDuration: "PT1M",
        maxDeliveryCount: 3,
        defaultMessageTimeToLive: "PT1H",
        duplicateDetectionHistoryTimeWindow: "PT20S",
      },
    ]);
  });

  it("has rules with correlation filters and with SQL, and with actions", () => {
    const CorrelationFilter = { Label: "red", To: "me", Properties: { size: 3, big: true } };
    const SqlFilter = { SqlExpression: "size > 3" };
    const Action = { SqlExpression: "SET seen = 1" };
    const rules = [
      { Name: "one", Properties: { FilterType: "Correlation", CorrelationFilter } },
      { Name: "two", Properties: { FilterType: "Sql", SqlFilter, Action } },
    ];
    const { entities, problems } = readEmulatorConfig(
      configOf({ Topics: [{ Name: "t", Subscriptions: [{ Name: "s", Rules: rules }] }] }),
    );
    expect(problems).toEqual([]);
    expect(entities.topics?.[0]?.subscriptions?.[0]?.rules).toEqual([
      {
        name: "one",
        filter: { subject: "red", to: "me", applicationProperties: { size: 3, big: true } },
      },
      { name: "two", filter: { sqlExpression: "size > 3" }, action: "SET seen = 1" },
    ]);
  });

  it("has duplicate detection, and forwarding to what may come later in the file", () => {
    const { entities, problems } = readEmulatorConfig(
      configOf({
        Queues: [
          {
            Name: "q",
            Properties: {
              ForwardTo: "news",
              ForwardDeadLetteredMessagesTo: "Dead",
              RequiresDuplicateDetection: true,
              DuplicateDetectionHistoryTimeWindow: "PT5M",
            },
          },
          { Name: "dead" },
        ],
        Topics: [
          {
            Name: "news",
            Properties: { RequiresDuplicateDetection: true },
            Subscriptions: [{ Name: "s", Properties: { ForwardTo: "dead" } }],
          },
        ],
      }),
    );
    expect(problems).toEqual([]);
    expect(entities).toMatchObject({
      queues: [
        {
          forwardTo: "news",
          forwardDeadLetteredMessagesTo: "Dead",
          requiresDuplicateDetection: true,
          duplicateDetectionHistoryTimeWindow: "PT5M",
        },
        { name: "dead" },
      ],
      topics: [
        {
          requiresDuplicateDetection: true,
          duplicateDetectionHistoryTimeWindow: "PT20S",
          subscriptions: [{ forwardTo: "dead" }],
        },
      ],
    });
    expect(entities.queues?.[1]).not.toHaveProperty("forwardTo");
  });

  it("is refused by name for what this broker has not got, and for what cannot be", () => {
    const sql = (expression: string): unknown => ({
      FilterType: "Sql",
      SqlFilter: { SqlExpression: expression },
      Action: { SqlExpression: "SET" },
    });
    const { problems } = readEmulatorConfig(
      configOf({
        Queues: [
          { Name: "q", Properties: { ForwardTo: "Q", ForwardDeadLetteredMessagesTo: "lost" } },
          { Name: "s", Properties: { ForwardTo: "q", RequiresSession: true } },
          { Name: "d", Properties: { DuplicateDetectionHistoryTimeWindow: "P8D" } },
          { Name: "p", Properties: { EnablePartitioning: true } },
        ],
        Topics: [
          {
            Name: "t",
            Subscriptions: [
              {
                Name: "s",
                Properties: { ForwardTo: "t/Subscriptions/other" },
                Rules: [{ Name: "r", Properties: sql("size >") }],
              },
            ],
          },
        ],
      }),
    );
    const ns = "UserConfig.Namespaces[0]";
    const rule = `${ns}.Topics[0].Subscriptions[0].Rules[0].Properties`;
    expect(problems.map(({ member, message }) => `${member} ${message}`)).toEqual([
      `${ns}.Queues[1].Properties.ForwardTo cannot be used on an entity with RequiresSession`,
      `${ns}.Queues[2].Properties.DuplicateDetectionHistoryTimeWindow must be from PT5S to P7D`,
      expect.stringMatching(/Queues\[3\]\.Properties\.EnablePartitioning is not one of /u),
      expect.stringContaining(`${rule}.SqlFilter.SqlExpression is refused: The SQL filter`),
      expect.stringContaining(`${rule}.Action.SqlExpression is refused: The SQL action`),
      `${ns}.Queues[0].Properties.ForwardTo 'Q' cannot forward to itself`,
      `${ns}.Queues[0].Properties.ForwardDeadLetteredMessagesTo 'lost' is not the name of a queue or topic of this file`,
      `${ns}.Topics[0].Subscriptions[0].Properties.ForwardTo 't/Subscriptions/other' is not the name of a queue or topic of this file`,
    ]);
  });

  it("is refused with every wrong value and name at once", () => {
    const { problems } = readEmulatorConfig(
      configOf({
        Queues: [
          { Name: "q", Properties: { LockDuration: "PT6M" } },
          { Name: "Q", Properties: { MaxDeliveryCount: 0 } },
          { Name: "-", Properties: { RequiresSession: "yes" } },
        ],
        Topics: [
          {
            Name: "t",
            Properties: { DefaultMessageTimeToLive: "an hour" },
            Subscriptions: [
              {
                Name: "s",
                Rules: [
                  { Name: "a", Properties: { FilterType: "Other" } },
                  { Name: "b", Properties: { FilterType: "Correlation" } },
                ],
              },
            ],
          },
          "t2",
        ],
      }),
    );
    const ns = "UserConfig.Namespaces[0]";
    expect(problems.map(({ member, message }) => `${member} ${message}`)).toEqual([
      `${ns}.Queues[1].Name 'Q' is there twice; names are told apart without regard to case`,
      `${ns}.Queues[2].Name '-' cannot be the name of a queue`,
      `${ns}.Queues[0].Properties.LockDuration must be above zero and at most PT5M`,
      `${ns}.Queues[1].Properties.MaxDeliveryCount must be a whole number from 1 to 2000`,
      `${ns}.Queues[2].Properties.RequiresSession must be true or false`,
      `${ns}.Topics[1] must be an object`,
      `${ns}.Topics[1].Name must be there: the name of the topic`,
      `${ns}.Topics[0].Properties.DefaultMessageTimeToLive must be an ISO 8601 duration such as PT1M, not 'an hour'`,
      `${ns}.Topics[0].Subscriptions[0].Rules[0].Properties.FilterType must be Correlation or Sql`,
      `${ns}.Topics[0].Subscriptions[0].Rules[1].Properties.CorrelationFilter must name at least one property of messages`,
    ]);
  });

  it("is refused when it is something else", () => {
    for (const document of [null, [], "text", {}, { queues: [] }, { UserConfig: 1 }]) {
      expect(readEmulatorConfig(document).problems).not.toEqual([]);
    }
    expect(readEmulatorConfig({ queues: [] }).problems).toContainEqual({
      member: "queues",
      message: "is not one of $schema, UserConfig",
    });
  });
});
