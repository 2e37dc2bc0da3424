/** Metrics of the process itself: CPU, memory, file descriptors, event loop. */
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
      description: 'User and system CPU time of the process, in seconds.',
    })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage()
      result.observe((user + system) / 1e6)
    })
  observeGauge('process_start_time_seconds', 'Unix time when the process started.', () => [{ value: startTimeSeconds }])
  observeMemory(observeGauge)
  observeGauge('process_open_fds', 'Number of open file descriptors.', countOpenDescriptors)
  observeGauge('process_max_fds', 'Maximum number of open file descriptors.', readDescriptorLimit)
  return observeEventLoop(observeGauge)
}

function observeMemory(observeGauge: ObserveGauge): void {
  observeGauge('process_resident_memory_bytes', 'Resident memory of the process, in bytes.', () => [
    { value: process.memoryUsage.rss() },
  ])
  observeGauge('nodejs_heap_used_bytes', 'Memory in use on the V8 heap, in bytes.', () => [
    { value: process.memoryUsage().heapUsed },
  ])
  observeGauge('nodejs_heap_total_bytes', 'Memory reserved for the V8 heap, in bytes.', () => [
    { value: process.memoryUsage().heapTotal },
  ])
  observeGauge('nodejs_external_memory_bytes', 'Memory of buffers outside the V8 heap, in bytes.', () => [
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

/** A delay longer than this is always seen. Each look is a wake-up: at 20 ms they were half of the CPU time of an idle process. */
const resolutionMs = 250
const windowMs = 60_000

/** Delays of the last window (one to two collections long, at least a minute), so that an old stall is forgotten. */
function observeEventLoop(observeGauge: ObserveGauge): () => void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  let openedAtMs = performance.now()
  delays.enable()
  observeGauge(
    'kube_state_otlp_event_loop_delay_seconds',
    'Delay of the event loop in the last minute, by quantile, in seconds. Quantile 1 is the longest delay.',
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
