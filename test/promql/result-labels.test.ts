import { describe, expect, it } from 'vitest'
import { resultLabels } from './result-labels.ts'

const known = new Map([
  ['pushes', new Set(['destination', 'outcome', 'job', 'cluster'])],
  ['pushes_bucket', new Set(['destination', 'le'])],
])

describe('labels of a result', () => {
  it.each([
    ['pushes', ['destination', 'instance', 'outcome']],
    ['pushes{outcome="success",destination=~"a|b"}', ['destination', 'instance']],
    ['time() - pushes > 0', ['destination', 'instance', 'outcome']],
    ['sum(pushes)', []],
    ['sum(pushes) or vector(0)', []],
    ['sum by (outcome) (rate(pushes[5m]))', ['outcome']],
    ['sum by (pod) (pushes)', []],
    ['max without (instance) (pushes)', ['destination', 'outcome']],
    ['topk(10, sum by (destination) (pushes))', ['destination']],
    ['count(count by (destination) (pushes))', []],
    ['histogram_quantile(0.9, sum by (le, destination) (rate(pushes_bucket[5m])))', ['destination']],
    ['sum by (instance) (pushes) / sum by (instance) (pushes)', ['instance']],
  ])('%s', (expression, labels) => {
    expect([...resultLabels(expression, (metric) => known.get(metric))].sort()).toEqual(labels)
  })
})
