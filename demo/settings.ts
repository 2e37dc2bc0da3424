/** The options of a demo run. */

export interface DemoSettings {
  readonly pods: number
  /** Changes per second; 0 for a cluster without changes. */
  readonly churn: number
  readonly seed: number
  readonly faults: boolean
  /** Undefined to run until stopped. */
  readonly durationMs: number | undefined
  readonly logFile: string | undefined
  /** Open the status page in a browser. */
  readonly open: boolean
}
