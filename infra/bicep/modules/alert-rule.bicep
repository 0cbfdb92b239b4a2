@description('Name of the rule.')
param name string

@description('What it says when it fires.')
param summary string

@description('Query over the component\'s tables with one number, `value`.')
param query string

@description('Fires above it.')
param threshold int

@description('How far back the query looks.')
@allowed([ 'PT5M', 'PT15M' ])
param windowSize string = 'PT5M'

@description('Resource id of the Application Insights component.')
param componentId string

@description('Resource id of the action group.')
param actionGroupId string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags object

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: name
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: name
    description: summary
    severity: 2
    enabled: true
    evaluationFrequency: 'PT5M'
    windowSize: windowSize
    scopes: [
      componentId
    ]
    criteria: {
      allOf: [
        {
          query: query
          timeAggregation: 'Maximum'
          metricMeasureColumn: 'value'
          operator: 'GreaterThan'
          threshold: threshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}
