import { integer } from '../formats/format.ts'
import type { NameLimits } from '../formats/name-limits.ts'
import { nameLimits } from '../formats/name-limits.ts'
import { setting } from '../setting.ts'

const none: NameLimits = new Map()

/** Limits on the number of series. */
export const limitSettings = {
  'limits.series': setting({
    doc: 'Maximum number of series of this process; those of the youngest objects are withheld. 0 is no limit.',
    default: 0,
    format: integer(0),
  }),
  'limits.series_per_resource': setting({
    doc: 'Maximum number of series of a resource, by plural name, or one number for each resource. `*` stands for the resources that are not listed.',
    default: none,
    format: nameLimits,
    example: new Map([
      ['pods', 2_000_000],
      ['*', 500_000],
    ]),
  }),
  'limits.series_per_family': setting({
    doc: 'Maximum number of series of a metric, by name, or one number for each metric. `*` stands for the metrics that are not listed.',
    default: none,
    format: nameLimits,
    example: new Map([['kube_pod_labels', 100_000]]),
  }),
}
