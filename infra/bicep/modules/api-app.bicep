@description('Name of the container app.')
@maxLength(32)
param name string

@description('Name of the container apps environment.')
param environmentName string

@description('Resource id of the app\'s identity.')
param identityId string

@description('Client id of the app\'s identity.')
param identityClientId string

@description('Registry that the image is pulled from with that identity.')
param registryServer string

@description('Image; empty: a placeholder, without probes.')
param image string

@description('Replicas that always run.')
param minReplicas int

@description('Replicas at most.')
param maxReplicas int

@description('Host name of the Service Bus namespace.')
param busNamespace string

@description('Tier of that namespace, standard or premium.')
param busTier string

@description('Host name of Redis.')
param redisHost string

@description('Connection string of Application Insights.')
@secure()
param componentConnectionString string

@description('Share of ordinary requests that is kept as telemetry.')
param telemetrySamplingRate string

@description('Hashes of the keys that may operate.')
@secure()
param apiKeysOperate string

@description('Hashes of the keys that may read.')
@secure()
param apiKeysRead string

@description('Audience of access tokens; empty: none are taken.')
param apiAudience string

@description('Key that commands are signed with; empty: unsigned.')
@secure()
param commandPrivateKey string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

var port = 8000
var url = 'https://${name}.${environment.properties.defaultDomain}'

// The API answers to names that it knows only, and the platform's probes come by the replica's address.
var probeHeaders = [
  {
    name: 'Host'
    value: 'localhost'
  }
]

var optionalSecrets = [
  {
    name: 'api-keys-operate'
    variable: 'FLEETQUAKE_API_KEYS_OPERATE'
    value: apiKeysOperate
  }
  {
    name: 'api-keys-read'
    variable: 'FLEETQUAKE_API_KEYS_READ'
    value: apiKeysRead
  }
  {
    name: 'command-private-key'
    variable: 'FLEETQUAKE_COMMAND_PRIVATE_KEY'
    value: commandPrivateKey
  }
]
// An empty secret is refused by Azure, so that what is not given is left out.
var givenSecrets = filter(optionalSecrets, secret => !empty(secret.value))

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' existing = {
  name: environmentName
}

resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      // A new revision takes over when its replicas are ready, and not before.
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        targetPort: empty(image) ? 80 : port
        transport: 'http'
        allowInsecure: false
      }
      registries: [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: concat([
        {
          name: 'application-insights'
          value: componentConnectionString
        }
      ], map(givenSecrets, secret => { name: secret.name, value: secret.value }))
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'api'
          image: empty(image) ? 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest' : image
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          env: concat([
            { name: 'FLEETQUAKE_HOST', value: '0.0.0.0' }
            { name: 'APP_PORT', value: string(port) }
            { name: 'FLEETQUAKE_PUBLIC_ORIGINS', value: url }
            { name: 'FLEETQUAKE_BUS_NAMESPACE', value: busNamespace }
            { name: 'FLEETQUAKE_BUS_TIER', value: busTier }
            { name: 'FLEETQUAKE_REDIS_ENTRA', value: 'true' }
            { name: 'REDIS_HOST', value: redisHost }
            { name: 'REDIS_PORT', value: '10000' }
            { name: 'REDIS_SSL', value: 'true' }
            { name: 'REDIS_CLUSTER', value: 'true' }
            { name: 'AZURE_CLIENT_ID', value: identityClientId }
            { name: 'AZURE_TENANT_ID', value: tenant().tenantId }
            { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', secretRef: 'application-insights' }
            { name: 'TELEMETRY_SAMPLING_RATE', value: telemetrySamplingRate }
          ], empty(apiAudience) ? [] : [
            { name: 'FLEETQUAKE_API_AUDIENCE', value: apiAudience }
          ], map(givenSecrets, secret => { name: secret.variable, secretRef: secret.name }))
          // /readyz also asks for Redis. It decides when a new replica takes part, and never takes one away: with Redis cut
          // off, every replica would go at once, and with them the API that the fleet is steered by.
          probes: empty(image) ? [] : [
            {
              type: 'Startup'
              httpGet: { path: '/readyz', port: port, httpHeaders: probeHeaders }
              periodSeconds: 10
              timeoutSeconds: 3
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: { path: '/livez', port: port, httpHeaders: probeHeaders }
              periodSeconds: 10
              timeoutSeconds: 3
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: { path: '/livez', port: port, httpHeaders: probeHeaders }
              periodSeconds: 5
              timeoutSeconds: 3
              failureThreshold: 3
            }
          ]
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        rules: [
          {
            name: 'cpu'
            custom: {
              type: 'cpu'
              metadata: {
                type: 'Utilization'
                value: '70'
              }
            }
          }
        ]
      }
    }
  }
}

@description('Name of the container app.')
output name string = app.name

@description('Origin that the API is reached by.')
output url string = url
