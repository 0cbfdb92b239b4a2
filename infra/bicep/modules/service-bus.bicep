@description('Name of the namespace, unique in Azure.')
@minLength(6)
@maxLength(50)
param name string

@description('Tier of the namespace. Basic has no topics.')
@allowed([
  'Standard'
  'Premium'
])
param tier string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

// The names and spans are those of packages/bus/src/topology.ts; a test holds this file to it. Subscriptions are not
// here: each replica has its own for as long as it lives, made by the API when the replica says hello.
resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: tier
    tier: tier
  }
  properties: {
    // No connection strings: whoever speaks to the bus is known to Entra ID.
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource commandsTopic 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = {
  parent: namespace
  name: 'chaos-commands'
  properties: {
    // A command that nobody took within a minute is of no use to anybody.
    defaultMessageTimeToLive: 'PT1M'
  }
}

resource eventsTopic 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = {
  parent: namespace
  name: 'chaos-events'
  properties: {
    defaultMessageTimeToLive: 'PT1M'
  }
}

resource locksQueue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: 'chaos-locks'
  properties: {
    requiresSession: true
    lockDuration: 'PT15S'
  }
}

@description('Name of the namespace.')
output name string = namespace.name

@description('What FLEETQUAKE_BUS_NAMESPACE is set to.')
output hostName string = '${namespace.name}.servicebus.windows.net'

@description('Name of the topic of commands.')
output commandsTopicName string = commandsTopic.name

@description('Name of the topic of events.')
output eventsTopicName string = eventsTopic.name

@description('Name of the queue of locks.')
output locksQueueName string = locksQueue.name
