@description('Name of the private endpoint.')
param name string

@description('Resource id of the Redis cluster.')
param redisId string

@description('Resource id of the network whose names are resolved.')
param networkId string

@description('Resource id of the subnet that the endpoint gets its address from.')
param subnetId string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: 'redis'
        properties: {
          privateLinkServiceId: redisId
          groupIds: [
            'redisEnterprise'
          ]
        }
      }
    ]
  }
}

// The zone of Azure Managed Redis; that of the older Redis Enterprise was another one.
resource zone 'Microsoft.Network/privateDnsZones@2020-06-01' = {
  name: 'privatelink.redis.azure.net'
  location: 'global'
  tags: tags
}

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2020-06-01' = {
  parent: zone
  name: 'apps'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: networkId
    }
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: 'redis'
        properties: {
          privateDnsZoneId: zone.id
        }
      }
    ]
  }
}
