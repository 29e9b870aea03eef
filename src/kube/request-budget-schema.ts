import { integer, list, object, string } from './schema.ts'

export const requestBudget = object(
  'How many public certificates were requested in a region, those that were deleted since included. Written by Certwright only.',
  {
    spec: object('What it counts.', { region: string('The AWS region: ACM counts each for itself.') }, ['region']),
    status: object('What was counted.', {
      used: integer('The requests of the last 365 days, as of the last one.'),
      budget: integer('How many there may be: --request-budget.'),
      days: list(
        'The requests of each day of the last year.',
        object('One day.', { day: string('In UTC.'), requests: integer('How many.') }, ['day', 'requests']),
      ),
      namespaces: list(
        'The requests of the namespaces that asked most: by day of late, by month before.',
        object(
          'One namespace in one period.',
          {
            namespace: string('The namespace of the oldest claim.'),
            period: string('A day or a month.'),
            requests: integer('How many.'),
          },
          ['namespace', 'period', 'requests'],
        ),
      ),
      open: list('Requests that were counted and whose certificate was not seen yet.', { type: 'string' }),
    }),
  },
)
