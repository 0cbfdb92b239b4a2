@description('Name of the virtual network.')
param name string

@description('Name of the network security group of the apps\' subnet.')
param securityGroupName string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Addresses of the network.')
param addressPrefix string = '10.60.0.0/16'

@description('Addresses of the container apps; /27 is the least that an environment takes.')
param appsPrefix string = '10.60.0.0/23'

@description('Addresses of private endpoints.')
param privateEndpointsPrefix string = '10.60.4.0/27'

// No rule of its own. block-redis.sh adds one while it blocks, and takes it away again; what is here by default lets
// everything inside of the network through.
resource securityGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: securityGroupName
  location: location
  tags: tags
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'apps'
        properties: {
          addressPrefix: appsPrefix
          networkSecurityGroup: {
            id: securityGroup.id
          }
          delegations: [
            {
              name: 'container-apps'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'private-endpoints'
        properties: {
          addressPrefix: privateEndpointsPrefix
        }
      }
    ]
  }
}

resource appsSubnet 'Microsoft.Network/virtualNetworks/subnets@2024-05-01' existing = {
  parent: network
  name: 'apps'
}

resource privateEndpointsSubnet 'Microsoft.Network/virtualNetworks/subnets@2024-05-01' existing = {
  parent: network
  name: 'private-endpoints'
}

@description('Resource id of the network.')
output id string = network.id

@description('Resource id of the subnet of the container apps.')
output appsSubnetId string = appsSubnet.id

@description('Resource id of the subnet of private endpoints.')
output privateEndpointsSubnetId string = privateEndpointsSubnet.id

@description('Name of the security group that a block of Redis goes into.')
output securityGroupName string = securityGroup.name

@description('Addresses at which the apps reach Redis.')
output privateEndpointsPrefix string = privateEndpointsPrefix
