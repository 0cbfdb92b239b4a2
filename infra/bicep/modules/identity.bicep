@description('Name of the identity.')
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id.')
output id string = identity.id

@description('Object id: who it is to Service Bus and Redis.')
output principalId string = identity.properties.principalId

@description('Client id: what AZURE_CLIENT_ID is set to.')
output clientId string = identity.properties.clientId
