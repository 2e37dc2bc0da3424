/** Collects what the status page shows. */

import { describeConfig, valueText } from '../config/describe.ts'
import { resourceName } from '../families/resource-name.ts'
import { lookUpObject } from '../server/status/object-lookup.ts'
import type { Status, StatusSource } from '../server/status/status.ts'
import type { Readiness } from '../server/telemetry-server.ts'
import type { Store } from '../store/store.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { DestinationPush } from './destination-push.ts'
import type { EffectiveConfig } from './reloading.ts'

export interface StatusOptions {
  readonly version: string
  readonly store: Store
  readonly telemetry: Telemetry
  readonly readiness: () => Readiness
  readonly isPushConfigured: boolean
  readonly destinations: () => readonly DestinationPush[]
  /** Undefined if the program was not started with a configuration that can be described. */
  readonly configuration: () => EffectiveConfig | undefined
}

export function createStatusSource(options: StatusOptions): StatusSource {
  const { version, store, telemetry, readiness, isPushConfigured, destinations, configuration } = options
  return {
    async read() {
      return {
        version,
        uptimeSeconds: process.uptime(),
        ...readiness(),
        resources: resourcesOf(store),
        families: familiesOf(store),
        isPushConfigured,
        destinations: destinations().map(({ title, endpoint, lastFailure }) => ({
          name: title,
          endpoint,
          lastFailure: lastFailure(),
        })),
        samples: await telemetry.samples(),
        settings: settingsOf(configuration()),
      }
    },
    lookUp: (object) => lookUpObject(store, object),
  }
}

function resourcesOf(store: Store): Status['resources'] {
  return store.registry.layouts.map(({ id, resource }) => ({
    name: resourceName(resource),
    objects: store.objects(id),
    series: store.series(id),
    bytes: store.bytes(id),
  }))
}

/** Families of one name that several resources feed are one line. */
function familiesOf({ registry, familySeries }: Store): Status['families'] {
  const series = new Map(
    registry.layouts.flatMap(({ families }) => families.map(({ id, family }) => [id, family.name] as const)),
  )
  const byName = Map.groupBy(series, ([, name]) => name)
  return [...byName]
    .map(([name, of]) => ({ name, series: of.reduce((sum, [id]) => sum + familySeries(id), 0) }))
    .filter((family) => family.series > 0)
    .sort((a, b) => b.series - a.series)
}

function settingsOf(configuration: EffectiveConfig | undefined): Status['settings'] {
  if (configuration === undefined) return []
  return describeConfig(configuration).map((setting) => ({ ...setting, value: valueText(setting) }))
}
