targetScope = 'subscription'

@description('Name of the azd environment; every name is made from it.')
@minLength(1)
@maxLength(17)
param environmentName string

@description('Azure region of everything.')
@minLength(1)
param location string

@description('Where alerts are sent to.')
@minLength(3)
param alertEmail string

@description('Image of the API; azd sets it at each deployment. Empty at the first: a placeholder runs, without probes.')
param apiImage string = ''

@description('Image of the worker; as that of the API.')
param workerImage string = ''

@description('API replicas that always run. Two: one can go while the other answers.')
@minValue(1)
@maxValue(8)
param apiMinReplicas int = 2

@description('API replicas at most.')
@minValue(1)
@maxValue(8)
param apiMaxReplicas int = 4

@description('Worker replicas that always run. Never 0: a fleet that scaled to nothing has nobody to reset.')
@minValue(1)
@maxValue(300)
param workerMinReplicas int = 3

@description('Worker replicas at most.')
@minValue(1)
@maxValue(300)
param workerMaxReplicas int = 10

@description('Tier of the Service Bus namespace: Standard is metered by credits, Premium has processors of its own.')
@allowed([
  'Standard'
  'Premium'
])
param busTier string = 'Standard'

@description('Size of Azure Managed Redis.')
param redisSku string = 'Balanced_B0'

@description('SHA-256 hashes of the keys that may operate, as FLEETQUAKE_API_KEYS_OPERATE takes them. This or apiAudience: the API does not start for everybody.')
@secure()
param apiKeysOperate string = ''

@description('SHA-256 hashes of the keys that may read, as FLEETQUAKE_API_KEYS_READ takes them.')
@secure()
param apiKeysRead string = ''

@description('Id or application ID URI of the API\'s app registration: switches access tokens of Entra ID on.')
param apiAudience string = ''

@description('Ed25519 private key that commands are signed with (PKCS#8, base64 DER). Empty: unsigned.')
@secure()
param commandPrivateKey string = ''

@description('Public key that goes with it; workers then take signed commands only.')
param commandPublicKey string = ''

@description('Faults that the workers consent to, separated by commas.')
param workerAllow string = 'redis-reset'

@description('Share of ordinary requests that is kept as telemetry, 0 to 1. Errors and chaos events are always kept.')
param telemetrySamplingRate string = '1'

var suffix = uniqueString(subscription().id, environmentName, location)
var shortName = 'fq-${toLower(environmentName)}'
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-fleetquake-${environmentName}'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${shortName}-${suffix}'
    componentName: 'appi-${shortName}-${suffix}'
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = {
  name: 'network'
  scope: group
  params: {
    name: 'vnet-${shortName}'
    securityGroupName: 'nsg-${shortName}-apps'
    location: location
    tags: tags
  }
}

module apiIdentity 'modules/identity.bicep' = {
  name: 'api-identity'
  scope: group
  params: {
    name: 'id-${shortName}-api'
    location: location
    tags: tags
  }
}

module workerIdentity 'modules/identity.bicep' = {
  name: 'worker-identity'
  scope: group
  params: {
    name: 'id-${shortName}-worker'
    location: location
    tags: tags
  }
}

module registry 'modules/container-registry.bicep' = {
  name: 'container-registry'
  scope: group
  params: {
    name: 'crfq${suffix}'
    location: location
    tags: tags
    pullPrincipalIds: [
      apiIdentity.outputs.principalId
      workerIdentity.outputs.principalId
    ]
  }
}

module serviceBus 'modules/service-bus.bicep' = {
  name: 'service-bus'
  scope: group
  params: {
    name: 'sb-${shortName}-${suffix}'
    tier: busTier
    location: location
    tags: tags
  }
}

module serviceBusRoles 'modules/service-bus-roles.bicep' = {
  name: 'service-bus-roles'
  scope: group
  params: {
    namespaceName: serviceBus.outputs.name
    commandsTopicName: serviceBus.outputs.commandsTopicName
    eventsTopicName: serviceBus.outputs.eventsTopicName
    locksQueueName: serviceBus.outputs.locksQueueName
    apiPrincipalId: apiIdentity.outputs.principalId
    agentPrincipalIds: [
      workerIdentity.outputs.principalId
    ]
  }
}

module redis 'modules/redis.bicep' = {
  name: 'redis'
  scope: group
  params: {
    name: 'redis-${shortName}-${suffix}'
    skuName: redisSku
    location: location
    tags: tags
    principalIds: [
      apiIdentity.outputs.principalId
      workerIdentity.outputs.principalId
    ]
  }
}

module redisPrivateEndpoint 'modules/redis-private-endpoint.bicep' = {
  name: 'redis-private-endpoint'
  scope: group
  params: {
    name: 'pe-${shortName}-redis'
    redisId: redis.outputs.id
    networkId: network.outputs.id
    subnetId: network.outputs.privateEndpointsSubnetId
    location: location
    tags: tags
  }
}

module containerEnvironment 'modules/container-environment.bicep' = {
  name: 'container-environment'
  scope: group
  params: {
    name: 'cae-${shortName}'
    workspaceName: monitoring.outputs.workspaceName
    subnetId: network.outputs.appsSubnetId
    location: location
    tags: tags
  }
}

module api 'modules/api-app.bicep' = {
  name: 'api-app'
  scope: group
  // A replica that may not speak to the bus or to Redis yet would be restarted until it may.
  dependsOn: [
    serviceBusRoles
    redisPrivateEndpoint
  ]
  params: {
    name: 'ca-${shortName}-api'
    environmentName: containerEnvironment.outputs.name
    identityId: apiIdentity.outputs.id
    identityClientId: apiIdentity.outputs.clientId
    registryServer: registry.outputs.loginServer
    image: apiImage
    minReplicas: apiMinReplicas
    maxReplicas: apiMaxReplicas
    busNamespace: serviceBus.outputs.hostName
    busTier: toLower(busTier)
    redisHost: redis.outputs.hostName
    componentConnectionString: monitoring.outputs.connectionString
    telemetrySamplingRate: telemetrySamplingRate
    apiKeysOperate: apiKeysOperate
    apiKeysRead: apiKeysRead
    apiAudience: apiAudience
    commandPrivateKey: commandPrivateKey
    location: location
    tags: tags
  }
}

module worker 'modules/worker-app.bicep' = {
  name: 'worker-app'
  scope: group
  dependsOn: [
    serviceBusRoles
    redisPrivateEndpoint
  ]
  params: {
    name: 'ca-${shortName}-worker'
    environmentName: containerEnvironment.outputs.name
    identityId: workerIdentity.outputs.id
    identityClientId: workerIdentity.outputs.clientId
    registryServer: registry.outputs.loginServer
    image: workerImage
    minReplicas: workerMinReplicas
    maxReplicas: workerMaxReplicas
    busNamespace: serviceBus.outputs.hostName
    redisHost: redis.outputs.hostName
    componentConnectionString: monitoring.outputs.connectionString
    telemetrySamplingRate: telemetrySamplingRate
    commandPublicKey: commandPublicKey
    allow: workerAllow
    location: location
    tags: tags
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    namePrefix: shortName
    componentId: monitoring.outputs.componentId
    email: alertEmail
    location: location
    tags: tags
  }
}

@description('The resource group of it all.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Where azd pushes images to.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer

@description('Origin of the API.')
output FLEETQUAKE_API_URL string = api.outputs.url

@description('Container app of the API.')
output FLEETQUAKE_API_APP string = api.outputs.name

@description('Container app of the workers.')
output FLEETQUAKE_WORKER_APP string = worker.outputs.name

@description('Namespace of the bus; an agent outside of Azure\'s Container Apps needs it, too.')
output FLEETQUAKE_BUS_NAMESPACE string = serviceBus.outputs.hostName

@description('Host of Redis; port 10000, TLS, Entra ID only.')
output REDIS_HOST string = redis.outputs.hostName

@description('Network security group that block-redis.sh puts its rule into.')
output FLEETQUAKE_SECURITY_GROUP string = network.outputs.securityGroupName

@description('Addresses that Redis is reached at: what block-redis.sh denies.')
output FLEETQUAKE_REDIS_PREFIX string = network.outputs.privateEndpointsPrefix
