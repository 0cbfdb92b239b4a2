@description('Name of the cluster, unique in Azure.')
@minLength(1)
@maxLength(60)
param name string

@description('Size, such as Balanced_B0.')
param skuName string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Object ids of the identities that may use the database.')
param principalIds array

resource cluster 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
  }
  properties: {
    minimumTlsVersion: '1.2'
    highAvailability: 'Enabled'
    // Reached by the private endpoint alone: a rule in the apps' security group then blocks the only way.
    publicNetworkAccess: 'Disabled'
  }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = {
  parent: cluster
  // The only name that Azure takes.
  name: 'default'
  properties: {
    port: 10000
    clientProtocol: 'Encrypted'
    clusteringPolicy: 'OSSCluster'
    // BullMQ's jobs are keys: none may be evicted.
    evictionPolicy: 'NoEviction'
    accessKeysAuthentication: 'Disabled'
  }
}

// One after the other: a database refuses a second change while one is under way.
@batchSize(1)
resource accessPolicyAssignments 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-07-01' = [for principalId in principalIds: {
  parent: database
  name: replace(guid(database.id, principalId), '-', '')
  properties: {
    accessPolicyName: 'default'
    user: {
      objectId: principalId
    }
  }
}]

@description('Resource id of the cluster.')
output id string = cluster.id

@description('What REDIS_HOST is set to.')
output hostName string = cluster.properties.hostName
