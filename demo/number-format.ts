/** `31,204`; below ten with at most one decimal. */
export function formatCount(value: number): string {
  const digits = value < 10 && !Number.isInteger(value) ? 1 : 0
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB']

/** `512 B`, `18.1 MB`: at most three digits, in decimal units. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${byteUnits[unit]}`
}

/** `8 ms`, `0.52 s`, `75 s`, `12 min`. */
export function formatLatency(ms: number): string {
  if (ms < 99.5) return `${Math.round(ms)} ms`
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`
  return ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`
}

/** `8s`, `1m 12s`, `2h 5m`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
}

/** `1 object`, `2 objects`, `2 series`. */
export function plural(count: number, noun: string): string {
  const shown = formatCount(count)
  return `${shown} ${noun}${shown === '1' || noun.endsWith('s') ? '' : 's'}`
}
