/** Owns what is said about the process itself: CPU, memory, descriptors, event loop. Refuses anything about its work. */
import { readdir, readFile } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Meter } from '@opentelemetry/api'
import type { Observation } from './self-metrics.ts'

type ObserveGauge = (name: string, description: string, observe: () => Observation[] | Promise<Observation[]>) => void

/** Registers the process metrics and starts measuring the event loop. Returns the function that stops measuring. */
export function observeProcess(meter: Meter, observeGauge: ObserveGauge): () => void {
  const startTimeSeconds = Math.round((Date.now() - process.uptime() * 1000) / 10) / 100
  meter
    .createObservableCounter('process_cpu_seconds_total', {
      description: 'CPU time used, user and system, in seconds.',
    })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage()
      result.observe((user + system) / 1e6)
    })
  observeGauge('process_start_time_seconds', 'When the process started, in seconds since the Unix epoch.', () => [
    { value: startTimeSeconds },
  ])
  observeMemory(observeGauge)
  observeGauge('process_open_fds', 'Open file descriptors.', countOpenDescriptors)
  observeGauge('process_max_fds', 'Limit of open file descriptors.', readDescriptorLimit)
  return observeEventLoop(observeGauge)
}

function observeMemory(observeGauge: ObserveGauge): void {
  observeGauge('process_resident_memory_bytes', 'Resident memory.', () => [{ value: process.memoryUsage.rss() }])
  observeGauge('nodejs_heap_used_bytes', "Memory in use on V8's heap.", () => [
    { value: process.memoryUsage().heapUsed },
  ])
  observeGauge('nodejs_heap_total_bytes', "Memory reserved for V8's heap.", () => [
    { value: process.memoryUsage().heapTotal },
  ])
  observeGauge('nodejs_external_memory_bytes', "Memory of buffers outside V8's heap.", () => [
    { value: process.memoryUsage().external },
  ])
}

async function countOpenDescriptors(): Promise<Observation[]> {
  // Only Linux has /proc; elsewhere the metric is absent.
  const entries = await readdir('/proc/self/fd').catch(() => [])
  return entries.length === 0 ? [] : [{ value: entries.length }]
}

async function readDescriptorLimit(): Promise<Observation[]> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? [] : [{ value: Number(soft) }]
}

const resolutionMs = 20
const windowMs = 60_000

/** Delays of the last window (one to two collections long, at least a minute), so that an old stall does not stay for ever. */
function observeEventLoop(observeGauge: ObserveGauge): () => void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  let openedAtMs = performance.now()
  delays.enable()
  observeGauge(
    'kube_state_otlp_event_loop_delay_seconds',
    'How late the event loop woke up during the last minute, by quantile; quantile 1 is the longest delay.',
    () => {
      if (delays.count === 0) return []
      const observations = [0.5, 0.99, 1].map((quantile) => ({
        value: toDelaySeconds(quantile === 1 ? delays.max : delays.percentile(quantile * 100)),
        attributes: { quantile: String(quantile) },
      }))
      if (performance.now() - openedAtMs >= windowMs) {
        delays.reset()
        openedAtMs = performance.now()
      }
      return observations
    },
  )
  return () => void delays.disable()
}

/** The histogram holds nanoseconds from one tick of its timer to the next: the timer's own period is no delay. */
function toDelaySeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3)
}
