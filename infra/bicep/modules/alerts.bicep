@description('What every rule\'s name begins with.')
param namePrefix string

@description('Resource id of the Application Insights component.')
param componentId string

@description('Where alerts are sent to.')
param email string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${namePrefix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'fleetquake'
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

// Probes say 503 when they mean it, and are not failures of the API.
var withoutProbes = 'requests | where name !endswith "/livez" and name !endswith "/readyz" and name !endswith "/health"'

module failedRequests 'alert-rule.bicep' = {
  name: 'alert-failed-requests'
  params: {
    name: '${namePrefix}-failed-requests'
    summary: 'More than 1 % of the requests of five minutes were answered with 5xx.'
    query: '${withoutProbes} | summarize failed = sumif(itemCount, toint(resultCode) >= 500), total = sum(itemCount) | where total > 0 | project value = 100.0 * failed / total'
    threshold: 1
    componentId: componentId
    actionGroupId: actionGroup.id
    location: location
    tags: tags
  }
}

// An event stream lasts for hours and a hang as long as it was told to: both on purpose.
module slowRequests 'alert-rule.bicep' = {
  name: 'alert-slow-requests'
  params: {
    name: '${namePrefix}-slow-requests'
    summary: 'The requests of five minutes took more than 5 seconds on average.'
    query: '${withoutProbes} and name !endswith "/chaos/events" and name !endswith "/chaos/hang" | summarize total = sum(itemCount), spent = sum(duration * itemCount) | where total > 0 | project value = spent / total / 1000.0'
    threshold: 5
    componentId: componentId
    actionGroupId: actionGroup.id
    location: location
    tags: tags
  }
}

// Silent or late: the reset closed without them. Other partial outcomes (refused, left) are the caller's to read.
module silentReplicas 'alert-rule.bicep' = {
  name: 'alert-silent-replicas'
  params: {
    name: '${namePrefix}-silent-replicas'
    summary: 'A reset closed without an answer of some replicas.'
    query: 'customEvents | where name == "redis-reset-partial" | extend silent = toint(customDimensions.silent) | where isnull(silent) or silent > 0 | summarize value = count()'
    threshold: 0
    componentId: componentId
    actionGroupId: actionGroup.id
    location: location
    tags: tags
  }
}

// A zombie runs, answers, and does no work: its connections are not all back, or its first job was never done. The reset
// that it answered stands as acknowledgement; the recovery report that should follow within a minute does not come, from
// the API or from the replica itself, or says that somebody is not back.
module zombieReplicas 'alert-rule.bicep' = {
  name: 'alert-zombie-replicas'
  params: {
    name: '${namePrefix}-zombie-replicas'
    summary: 'A replica acknowledged a reset and has not come back from it.'
    query: 'let answered = customEvents | where name == "acknowledgement" and tostring(customDimensions.state) in ("acknowledged", "late", "joined_late") and toint(customDimensions.connections_closed) > 0 and timestamp < ago(2m) | project command = tostring(customDimensions.command_id), replica = tostring(customDimensions.replica_id); let back = customEvents | where name in ("recovery", "redis-connections-back") and isnotempty(tostring(customDimensions.all_back_ms)) | project command = tostring(customDimensions.command_id), replica = tostring(customDimensions.replica_id); answered | join kind=leftanti back on command, replica | summarize value = dcount(replica)'
    threshold: 0
    windowSize: 'PT15M'
    componentId: componentId
    actionGroupId: actionGroup.id
    location: location
    tags: tags
  }
}
