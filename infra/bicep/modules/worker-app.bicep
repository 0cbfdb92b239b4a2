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

@description('Image; empty: a placeholder.')
param image string

@description('Replicas that always run.')
param minReplicas int

@description('Replicas at most.')
param maxReplicas int

@description('Host name of the Service Bus namespace.')
param busNamespace string

@description('Host name of Redis.')
param redisHost string

@description('Connection string of Application Insights.')
@secure()
param componentConnectionString string

@description('Share of ordinary requests that is kept as telemetry.')
param telemetrySamplingRate string

@description('Public key of commands; empty: unsigned ones are taken.')
param commandPublicKey string

@description('Faults that it consents to.')
param allow string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

var metricsPort = 9464

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' existing = {
  name: environmentName
}

// No ingress: a worker serves nobody but the platform's probes and whoever scrapes it inside of the network.
resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'worker' })
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
      activeRevisionsMode: 'Single'
      registries: [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: [
        {
          name: 'application-insights'
          value: componentConnectionString
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'worker'
          image: empty(image) ? 'mcr.microsoft.com/azuredocs/containerapps-helloworld:latest' : image
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          env: concat([
            { name: 'FLEETQUAKE_BUS_NAMESPACE', value: busNamespace }
            { name: 'FLEETQUAKE_ROLE', value: 'worker' }
            { name: 'FLEETQUAKE_ALLOW', value: allow }
            { name: 'FLEETQUAKE_WORKER_METRICS_HOST', value: '0.0.0.0' }
            { name: 'FLEETQUAKE_WORKER_METRICS_PORT', value: string(metricsPort) }
            { name: 'FLEETQUAKE_REDIS_ENTRA', value: 'true' }
            { name: 'REDIS_HOST', value: redisHost }
            { name: 'REDIS_PORT', value: '10000' }
            { name: 'REDIS_SSL', value: 'true' }
            { name: 'REDIS_CLUSTER', value: 'true' }
            { name: 'AZURE_CLIENT_ID', value: identityClientId }
            { name: 'AZURE_TENANT_ID', value: tenant().tenantId }
            { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', secretRef: 'application-insights' }
            { name: 'TELEMETRY_SAMPLING_RATE', value: telemetrySamplingRate }
          ], empty(commandPublicKey) ? [] : [
            { name: 'FLEETQUAKE_COMMAND_PUBLIC_KEY', value: commandPublicKey }
          ])
          // A hang of the process that lasts longer than half a minute ends by a restart, as a real one would.
          probes: empty(image) ? [] : [
            {
              type: 'Startup'
              httpGet: { path: '/livez', port: metricsPort }
              periodSeconds: 5
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: { path: '/livez', port: metricsPort }
              periodSeconds: 10
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
            // KEDA's Redis scalers know no Entra ID, so that the queue's length is out of its reach.
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
