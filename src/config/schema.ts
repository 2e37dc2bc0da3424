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

/** A section of help and of the annotated file. */
export interface Section {
  readonly title: string
  readonly keys: readonly Key[]
  /** Why a change of those of its keys that do not reload needs a restart; unset if all reload, or cannot change. */
  readonly restart?: string
}

const readsCluster =
  'Which cluster is read, and how: every list and watch would begin again, as it does with a restart.'
const decides = 'Limits choose among all objects as they arrive, the oldest first.'
const ofPod = 'The pod gives the process its shard and its Lease.'
const pushes =
  'What is pending and acknowledged belongs to the destination as it was. Files with tokens are read again when they change.'
const elects = 'The Lease is held by these values, and all replicas need the same ones.'
const listens = 'The ports are open. The content of `tls_config` is read again when it changes.'
const describesProcess = 'They describe the process to the receiver of its self-metrics, and to the reader of its log.'

/** The sections of help and of the annotated file, with all supported keys. */
export const sections: readonly Section[] = [
  { title: 'Configuration file', keys: keysOf(fileSettings) },
  { title: 'Cluster', keys: keysOf(clusterSettings), restart: readsCluster },
  { title: 'Selection', keys: keysOf(selectionSettings), restart: ofPod },
  { title: 'Limits', keys: keysOf(limitSettings), restart: decides },
  { title: 'Custom resources', keys: keysOf(customResourceSettings) },
  { title: 'OTLP', keys: keysOf(otlpSettings), restart: pushes },
  { title: 'Push', keys: keysOf(pushSettings), restart: pushes },
  { title: 'Destinations', keys: keysOf(destinationSettings), restart: pushes },
  { title: 'Leader election', keys: keysOf(leaderElectionSettings), restart: elects },
  { title: 'Server', keys: keysOf(serverSettings), restart: listens },
  { title: 'Telemetry', keys: keysOf(telemetrySettings), restart: describesProcess },
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
