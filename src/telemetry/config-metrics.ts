/** Self-metrics about the configuration: files that were loaded, and the shard. */

import { createHash } from 'node:crypto'
import type { SelfMetrics } from './self-metrics.ts'

interface ConfigState {
  attributes: { type: string; filename: string }
  successful: boolean
  hash?: number
  succeededAtSeconds?: number
}

export function createConfigMetrics(
  observeGauge: SelfMetrics['observeGauge'],
): Pick<SelfMetrics, 'configReload' | 'configRemoved' | 'sharding'> {
  const configs = new Map<string, ConfigState>()
  const observeConfigs = (name: string, description: string, read: (state: ConfigState) => number | undefined) =>
    observeGauge(`kube_state_metrics_${name}`, description, () =>
      [...configs.values()].flatMap((state) => {
        const value = read(state)
        return value === undefined ? [] : [{ value, attributes: state.attributes }]
      }),
    )
  observeConfigs('config_hash', 'Hash of the effective configuration file.', (state) => state.hash)
  observeConfigs(
    'last_config_reload_successful',
    '1 if the configuration file was accepted when last read, else 0.',
    (state) => Number(state.successful),
  )
  observeConfigs(
    'last_config_reload_success_timestamp_seconds',
    'Unix time when the configuration file was last loaded successfully.',
    (state) => state.succeededAtSeconds,
  )
  const keyOf = ({ type, filename }: ConfigState['attributes']) => `${type}\0${filename}`
  return {
    configRemoved: (file) => void configs.delete(keyOf(file)),
    configReload({ type, filename, content }) {
      const key = keyOf({ type, filename })
      const accepted = content && { hash: hashContent(content), succeededAtSeconds: Date.now() / 1000 }
      configs.set(key, {
        ...configs.get(key),
        attributes: { type, filename },
        successful: Boolean(content),
        ...accepted,
      })
    },
    sharding: createShardingMetrics(observeGauge),
  }
}

/** 48 bits, as in KSM, which are exact in a float64. */
function hashContent(content: Uint8Array): number {
  return createHash('sha256').update(content).digest().readUIntLE(0, 6)
}

function createShardingMetrics(observeGauge: SelfMetrics['observeGauge']): SelfMetrics['sharding'] {
  let shard: { ordinal: number; total: number } | undefined
  observeGauge('kube_state_metrics_total_shards', 'Number of shards; 0 or 1 means that objects are not sharded.', () =>
    shard ? [{ value: shard.total }] : [],
  )
  observeGauge('kube_state_metrics_shard_ordinal', 'Ordinal of the shard of this process.', () =>
    shard ? [{ value: shard.ordinal, attributes: { shard_ordinal: String(shard.ordinal) } }] : [],
  )
  return (report) => {
    shard = report
  }
}
