/** Applies changes of the configuration while the program runs; what cannot be applied is logged and changes nothing. */

import { isDeepStrictEqual } from 'node:util'
import type { LiveConfig } from '../config/config.ts'
import { liveConfigOf } from '../config/config.ts'
import { compareConfigs } from '../config/differences.ts'
import type { LoadedConfig, RefusedConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Values } from '../config/schema.ts'
import type { Log, LogLevel } from '../telemetry/log.ts'
import type { SelfMetrics } from '../telemetry/self-metrics.ts'
import type { WatchedFiles } from './watched-files.ts'
import { createWatchedFiles } from './watched-files.ts'

/** A configuration that can be read again. */
export interface Reloadable {
  /** What the program started with. */
  readonly loaded: LoadedConfig
  /** Reads arguments, environment and files again. */
  readonly load: (readFile: (path: string) => string) => LoadedConfig | RefusedConfig
  /** Changes the level of the log. */
  readonly setLogLevel?: (level: LogLevel) => void
}

export interface ReloadingOptions extends Reloadable {
  /** Applies what may change while the program runs. */
  readonly apply: (live: LiveConfig) => void
  readonly log: Log
  readonly metrics: Pick<SelfMetrics, 'configReload'>
  readonly files?: WatchedFiles
  /** How often the files are looked at; 5 s by default. */
  readonly pollMs?: number
}

/** The values of a configuration, and where they come from. */
export type EffectiveConfig = Pick<LoadedConfig, 'values' | 'sources'>

export interface Reloading {
  /** Reads everything again, whether or not a file has changed. */
  reload(): void
  /** What is in effect now. */
  effective(): EffectiveConfig
  stop(): void
}

/** Starts to follow the files that the configuration came from. */
export function startReloading(options: ReloadingOptions): Reloading {
  const { loaded, load, setLogLevel, apply, log, metrics, files = createWatchedFiles(), pollMs = 5000 } = options
  let values: Values = loaded.values
  let sources = loaded.sources
  let { texts } = loaded.config.customResources
  let path = loaded.file?.path

  function refuse({ problems }: RefusedConfig): void {
    if (path !== undefined) metrics.configReload({ type: 'config', filename: path })
    const lines = problems.map(formatProblem)
    log.error({ path, problems: lines }, 'the changed configuration is invalid; the previous one remains in use')
  }

  function accept(next: LoadedConfig): void {
    const { file, config } = next
    path = file?.path ?? path
    if (file !== undefined) {
      metrics.configReload({ type: 'config', filename: file.path, content: Buffer.from(file.text) })
    }
    const difference = compareConfigs(values, next.values)
    const { reloaded, needsRestart } = difference
    const hasNewRules = !isDeepStrictEqual(texts, config.customResources.texts)
    if (hasNewRules || reloaded.length > 0) {
      texts = config.customResources.texts
      values = difference.values
      if (reloaded.length > 0) sources = next.sources
      const live = liveConfigOf(values, texts)
      setLogLevel?.(live.logLevel)
      apply(live)
    }
    if (hasNewRules) log.info({ sources: texts.map(({ source }) => source) }, 'rules for custom resources reloaded')
    if (reloaded.length > 0) log.info({ path, changed: reloaded }, 'configuration reloaded')
    if (needsRestart.length > 0) log.warn({ path, changed: needsRestart }, 'some configuration changes need a restart')
  }

  /** It runs in a timer and in a signal handler, where an exception would end the process. */
  function contained(step: () => void): void {
    try {
      step()
    } catch (err) {
      log.error({ path, err }, 'the configuration could not be reloaded; please report it')
    }
  }

  const reload = () =>
    contained(() => {
      files.forget()
      const next = load(files.read)
      if (next.ok) accept(next)
      else refuse(next)
    })

  // What changed since the start is found now, and what the configuration consists of.
  reload()
  const poll = () => contained(() => void (files.haveChanged() && reload()))
  const polling = setInterval(poll, pollMs).unref()
  return { reload, effective: () => ({ values, sources }), stop: () => clearInterval(polling) }
}
