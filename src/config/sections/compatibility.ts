/** Flags of kube-state-metrics that have no effect here. */

/** A name of kube-state-metrics that is accepted without effect, so that its arguments and files can be kept. */
interface WithoutEffect {
  readonly flag: string
  /** A flag that accepts a value only after `=`. */
  readonly bare: boolean
  /** Its key in kube-state-metrics' configuration file. */
  readonly fileKey?: string
  /** Why it has no effect, and what to use instead. */
  readonly reason: string
}

const memoryLimit = 'Sets the memory limit of Go; here the image sets that of V8.'
const log = 'A log flag of klog; use `--log-level` and `--log-format`.'

export const withoutEffect: readonly WithoutEffect[] = [
  { flag: 'auto-gomemlimit', bare: true, fileKey: 'auto-gomemlimit', reason: memoryLimit },
  { flag: 'auto-gomemlimit-ratio', bare: false, fileKey: 'auto-gomemlimit-ratio', reason: memoryLimit },
  ...['add_dir_header', 'alsologtostderr', 'legacy_stderr_threshold_behavior', 'logtostderr'].map(bareLogFlag),
  ...['one_output', 'skip_headers', 'skip_log_headers'].map(bareLogFlag),
  ...['alsologtostderrthreshold', 'log_backtrace_at', 'log_dir', 'log_file', 'log_file_max_size'].map(logFlag),
  ...['stderrthreshold', 'v', 'vmodule'].map(logFlag),
]

function bareLogFlag(flag: string): WithoutEffect {
  return { flag, bare: true, reason: log }
}

function logFlag(flag: string): WithoutEffect {
  return { flag, bare: false, reason: log }
}

/** Keys of kube-state-metrics without effect in a file. */
export const withoutEffectInFile: ReadonlySet<string> = new Set([
  ...withoutEffect.flatMap(({ fileKey }) => fileKey ?? []),
  'continue_without_config',
  'help',
])

/** The message about names that are accepted only for compatibility. */
export function withoutEffectNotice(names: readonly string[]): string {
  return `accepted for compatibility with kube-state-metrics, without effect here: ${names.join(', ')}`
}
