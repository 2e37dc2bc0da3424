/** Rules for encoded requests, so that backends keep all names and points. Violations are reported, not rejected. */
import type { DecodedMetric, DecodedPoint, DecodedResource, DecodedScope } from './metrics-decoder.ts'

type Report = (problem: string) => void

const checkLabels = (name: string, { attributes }: DecodedPoint, report: Report): void => {
  for (const [index, [key, value]] of attributes.entries()) {
    if (typeof value !== 'string') report(`${name}: label ${key} is not a string`)
    for (let earlier = 0; earlier < index; earlier++) {
      if (attributes[earlier]?.[0] === key) report(`${name}: label ${key} appears twice on one point`)
    }
  }
}

const checkPoint = (metric: DecodedMetric, point: DecodedPoint, report: Report): void => {
  const { name, type, points } = metric
  checkLabels(name, point, report)
  if (point.timeUnixNano === 0n) report(`${name}: a point without a time`)
  if (type === 'gauge' && point.startTimeUnixNano !== 0n) report(`${name}: a gauge with a start time`)
  if (point.noRecordedValue && points.length > 1) report(`${name}: a stale marker shares its Metric entry`)
  if (!point.noRecordedValue && Number.isNaN(point.value)) report(`${name}: a point without a value`)
}

const checkMetric = (metric: DecodedMetric, report: Report): void => {
  const { name, unit, type, temporality, points } = metric
  if (name === '') report('a metric without a name')
  if (unit !== '') report(`${name}: unit "${unit}" would be appended to the name`)
  if (type === 'other') report(`${name}: neither gauge nor sum`)
  if (type === 'sum' && temporality !== 'cumulative') report(`${name}: a sum that is not cumulative`)
  if (points.length === 0) report(`${name}: a Metric entry without points`)
  for (const point of points) checkPoint(metric, point, report)
}

const checkScope = ({ name, version, attributes, metrics }: DecodedScope, report: Report): void => {
  if (name !== '' || version !== '' || attributes.length > 0) report(`scope "${name}" would become labels`)
  for (const metric of metrics) checkMetric(metric, report)
}

/** Reports each violation as one sentence, which is equal for the same metric and rule. */
export const checkWireRules = (resource: DecodedResource, report: Report): void => {
  for (const scope of resource.scopes) checkScope(scope, report)
}
