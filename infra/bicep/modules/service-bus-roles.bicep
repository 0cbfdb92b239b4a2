@description('Name of the namespace.')
param namespaceName string

@description('Name of the topic of commands.')
param commandsTopicName string

@description('Name of the topic of events.')
param eventsTopicName string

@description('Name of the queue of locks.')
param locksQueueName string

@description('Object id of the API\'s identity.')
param apiPrincipalId string

@description('Object ids of the identities of processes with an agent.')
param agentPrincipalIds array

var ownerRoleId = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '090c5cfd-751d-490a-894a-3ce6f1109419')
var senderRoleId = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39')
var receiverRoleId = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0')

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: namespaceName
}

resource commandsTopic 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' existing = {
  parent: namespace
  name: commandsTopicName
}

resource eventsTopic 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' existing = {
  parent: namespace
  name: eventsTopicName
}

resource locksQueue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' existing = {
  parent: namespace
  name: locksQueueName
}

// The API makes and deletes subscriptions. Manage is in no built-in role but Data Owner, which also has Send and Listen:
// so it is given on the two topics alone, never on the namespace.
resource apiOwnsCommands 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(commandsTopic.id, apiPrincipalId, ownerRoleId)
  scope: commandsTopic
  properties: {
    roleDefinitionId: ownerRoleId
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource apiOwnsEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(eventsTopic.id, apiPrincipalId, ownerRoleId)
  scope: eventsTopic
  properties: {
    roleDefinitionId: ownerRoleId
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource apiSendsToLocks 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(locksQueue.id, apiPrincipalId, senderRoleId)
  scope: locksQueue
  properties: {
    roleDefinitionId: senderRoleId
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource apiListensToLocks 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(locksQueue.id, apiPrincipalId, receiverRoleId)
  scope: locksQueue
  properties: {
    roleDefinitionId: receiverRoleId
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

// An agent hears commands and tells what it did. It can neither send a command nor read what others say.
resource agentsListenToCommands 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principalId in agentPrincipalIds: {
  name: guid(commandsTopic.id, principalId, receiverRoleId)
  scope: commandsTopic
  properties: {
    roleDefinitionId: receiverRoleId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

resource agentsSendEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principalId in agentPrincipalIds: {
  name: guid(eventsTopic.id, principalId, senderRoleId)
  scope: eventsTopic
  properties: {
    roleDefinitionId: senderRoleId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]
