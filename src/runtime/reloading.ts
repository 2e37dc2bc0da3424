/** Applies changes of the configuration while the program runs; what cannot be applied is logged and changes nothing. */

import { isDeepStrictEqual } from 'node:util'
import type { LiveConfig } from '../config/config.ts'
import { liveConfigOf } from '../config/config.ts'
import type { NamedText } from '../config/custom-resources-config.ts'
import { compareConfigs } from '../config/differences.ts'
import type { LoadedConfig, RefusedConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Key } from '../config/schema.ts'
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
  const { load, log, files = createWatchedFiles(), pollMs = 5000 } = options
  const inEffect = new ConfigInEffect(options)

  /** It runs in a timer and in a signal handler, where an exception would end the process. */
  function contained(step: () => void): void {
    try {
      step()
    } catch (err) {
      log.error({ path: inEffect.path, err }, 'the configuration could not be reloaded; please report it')
    }
  }

  const reload = () =>
    contained(() => {
      files.forget()
      const next = load(files.read)
      if (next.ok) inEffect.accept(next)
      else inEffect.refuse(next)
    })

  // What changed since the start is found now, and what the configuration consists of.
  reload()
  const poll = () => contained(() => void (files.haveChanged() && reload()))
  const polling = setInterval(poll, pollMs).unref()
  return { reload, effective: () => inEffect.effective, stop: () => clearInterval(polling) }
}

/** The configuration that is in effect, and what another one changes. */
class ConfigInEffect {
  readonly #options: ReloadingOptions
  effective: EffectiveConfig
  /** Of the configuration file; undefined while there has been none. */
  path: string | undefined
  #texts: readonly NamedText[]

  constructor(options: ReloadingOptions) {
    const { values, sources, config, file } = options.loaded
    this.#options = options
    this.effective = { values, sources }
    this.path = file?.path
    this.#texts = config.customResources.texts
  }

  refuse({ problems }: RefusedConfig): void {
    const { path } = this
    const { metrics, log } = this.#options
    if (path !== undefined) metrics.configReload({ type: 'config', filename: path })
    const lines = problems.map(formatProblem)
    log.error({ path, problems: lines }, 'the changed configuration is invalid; the previous one remains in use')
  }

  accept(next: LoadedConfig): void {
    const { file, config } = next
    this.path = file?.path ?? this.path
    if (file !== undefined) {
      const content = Buffer.from(file.text)
      this.#options.metrics.configReload({ type: 'config', filename: file.path, content })
    }
    const { reloaded, needsRestart, values } = compareConfigs(this.effective.values, next.values)
    const { texts } = config.customResources
    const hasNewRules = !isDeepStrictEqual(this.#texts, texts)
    this.#texts = texts
    if (reloaded.length > 0) this.effective = { values, sources: next.sources }
    if (hasNewRules || reloaded.length > 0) this.#apply()
    this.#log(hasNewRules, reloaded, needsRestart)
  }

  #apply(): void {
    const { setLogLevel, apply } = this.#options
    const live = liveConfigOf(this.effective.values, this.#texts)
    setLogLevel?.(live.logLevel)
    apply(live)
  }

  #log(hasNewRules: boolean, reloaded: readonly Key[], needsRestart: readonly Key[]): void {
    const { log } = this.#options
    const { path } = this
    const sources = this.#texts.map(({ source }) => source)
    if (hasNewRules) log.info({ sources }, 'rules for custom resources reloaded')
    if (reloaded.length > 0) log.info({ path, changed: reloaded }, 'configuration reloaded')
    if (needsRestart.length > 0) log.warn({ path, changed: needsRestart }, 'some configuration changes need a restart')
  }
}
