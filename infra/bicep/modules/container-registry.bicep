@description('Name of the registry: letters and digits, unique in Azure.')
@minLength(5)
@maxLength(50)
param name string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Object ids of the identities that may pull.')
param pullPrincipalIds array

// AcrPull: reads images, nothing else.
var pullRoleId = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Basic'
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
  }
}

resource pullAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principalId in pullPrincipalIds: {
  name: guid(registry.id, principalId, pullRoleId)
  scope: registry
  properties: {
    roleDefinitionId: pullRoleId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

@description('Host name that images are pushed to and pulled from.')
output loginServer string = registry.properties.loginServer
