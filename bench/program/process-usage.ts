/** CPU time and memory of a process, from /proc. */

import { readFileSync } from 'node:fs'

export interface Usage {
  /** User and system time since its start; the kernel counts in hundredths of a second. */
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly peakBytes: number
}

const ticksPerSecond = 100

/** Throws if the process has ended. */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    cpuSeconds: cpuSeconds(stat),
    residentBytes: kibibytes(status, 'VmRSS') * 1024,
    peakBytes: kibibytes(status, 'VmHWM') * 1024,
  }
}

/** Fields 14 and 15 of proc(5); the name before them can have spaces and parentheses. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function kibibytes(status: string, name: string): number {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  if (value === undefined) throw new Error(`the process has ended: it has no ${name}`)
  return Number(value)
}
