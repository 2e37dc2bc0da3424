/** Owns the flags of kube-state-metrics that are known here and yet not honoured: refused where the output would differ, else noted. */
import { text } from '../formats/format.ts'
import { optional } from '../setting.ts'

/** Keys that are refused when set, each with what to do instead. */
export const notYetHonoured = {
  pod: optional({
    doc: 'Name of our pod, to find the shard by.',
    format: text('name'),
    refused: "finding the shard by the pod's name is not supported yet: set shard and total_shards instead",
  }),
}

/** A name of kube-state-metrics that is accepted so that its arguments and files can be kept, and changes nothing here. */
interface WithoutEffect {
  readonly flag: string
  /** A flag that takes a value only behind `=`. */
  readonly bare: boolean
  /** Its key in kube-state-metrics' configuration file. */
  readonly fileKey?: string
}

/** The log flags have `log-level` and `log-format` in their place; memory is V8's affair. */
export const withoutEffect: readonly WithoutEffect[] = [
  { flag: 'pod-namespace', bare: false, fileKey: 'namespace' },
  { flag: 'auto-gomemlimit', bare: true, fileKey: 'auto-gomemlimit' },
  { flag: 'auto-gomemlimit-ratio', bare: false, fileKey: 'auto-gomemlimit-ratio' },
  ...['add_dir_header', 'alsologtostderr', 'legacy_stderr_threshold_behavior', 'logtostderr', 'one_output'].map(
    bareFlag,
  ),
  ...['skip_headers', 'skip_log_headers'].map(bareFlag),
  ...['log_backtrace_at', 'log_dir', 'log_file', 'log_file_max_size', 'stderrthreshold', 'v', 'vmodule'].map(valueFlag),
]

function bareFlag(flag: string): WithoutEffect {
  return { flag, bare: true }
}

function valueFlag(flag: string): WithoutEffect {
  return { flag, bare: false }
}

/** Keys of kube-state-metrics that change nothing in a file: the file that names them is there, and help is for flags. */
export const withoutEffectInFile: ReadonlySet<string> = new Set([
  ...withoutEffect.flatMap(({ fileKey }) => fileKey ?? []),
  'continue_without_config',
  'help',
])

/** What is said of names that are accepted for compatibility alone. */
export function withoutEffectNotice(names: readonly string[]): string {
  return `accepted for compatibility with kube-state-metrics, without effect here: ${names.join(', ')}`
}
