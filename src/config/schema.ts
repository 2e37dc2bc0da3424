/** The list of all keys by section. Flags, help, the annotated file and the convict schema are derived from it. */
import { clusterSettings } from './sections/cluster.ts'
import { customResourceSettings } from './sections/custom-resources.ts'
import { destinationSettings } from './sections/destinations.ts'
import { fileSettings } from './sections/file.ts'
import { leaderElectionSettings } from './sections/leader-election.ts'
import { limitSettings } from './sections/limits.ts'
import { otlpSettings } from './sections/otlp.ts'
import { pushSettings } from './sections/push.ts'
import { selectionSettings } from './sections/selection.ts'
import { serverSettings } from './sections/server.ts'
import { telemetrySettings } from './sections/telemetry.ts'
import type { Setting } from './setting.ts'

const settings = {
  ...fileSettings,
  ...clusterSettings,
  ...selectionSettings,
  ...limitSettings,
  ...customResourceSettings,
  ...otlpSettings,
  ...pushSettings,
  ...destinationSettings,
  ...leaderElectionSettings,
  ...serverSettings,
  ...telemetrySettings,
}

/** The name of a key, its section before a dot: `push.interval`. */
export type Key = keyof typeof settings

/** All keys with their effective values; durations in milliseconds. */
export type Values = {
  readonly [K in Key]: (typeof settings)[K] extends Setting<infer T, infer Unset, infer _Written> ? T | Unset : never
}

type FileKey = Exclude<Key, keyof typeof fileSettings>
type WrittenValue<K extends Key> = (typeof settings)[K] extends { format: { write(value: never): infer Written } }
  ? Written
  : never
type SectionName = FileKey extends infer K ? (K extends `${infer Name}.${string}` ? Name : never) : never

/** The content of a configuration file: the keys of kube-state-metrics, and additional sections. Durations are texts such as `1m30s`. */
export type Settings = {
  readonly [K in FileKey as K extends `${string}.${string}` ? never : K]?: WrittenValue<K>
} & {
  readonly [Section in SectionName]?: {
    readonly [K in FileKey as K extends `${Section}.${infer Name}` ? Name : never]?: WrittenValue<K>
  }
}

/** A setting of any type. Only its format may interpret its value. */
// biome-ignore lint/suspicious/noExplicitAny: a format both takes and gives values, so no narrower type covers all settings.
export type AnySetting = Setting<any, undefined>

/** Every key, in the order of help and file. */
export const allSettings: ReadonlyMap<Key, AnySetting> = new Map(Object.entries(settings) as [Key, AnySetting][])

/** The sections of help and of the annotated file, with all supported keys. */
export const sections: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  { title: 'Configuration file', keys: keysOf(fileSettings) },
  { title: 'Cluster', keys: keysOf(clusterSettings) },
  { title: 'Selection', keys: keysOf(selectionSettings) },
  { title: 'Limits', keys: keysOf(limitSettings) },
  { title: 'Custom resources', keys: keysOf(customResourceSettings) },
  { title: 'OTLP', keys: keysOf(otlpSettings) },
  { title: 'Push', keys: keysOf(pushSettings) },
  { title: 'Destinations', keys: keysOf(destinationSettings) },
  { title: 'Leader election', keys: keysOf(leaderElectionSettings) },
  { title: 'Server', keys: keysOf(serverSettings) },
  { title: 'Telemetry', keys: keysOf(telemetrySettings) },
]

function keysOf(section: Partial<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(section) as Key[]
}

/** The declaration of a key. */
export function settingOf(key: Key): AnySetting {
  return settings[key]
}

/** Whether a word is a key. */
export function isKey(word: string): word is Key {
  return Object.hasOwn(settings, word)
}
