import type { StdioOptions } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LogGate, LogOptions } from '../../src/telemetry/log.ts'
import { createLog, createLogGate } from '../../src/telemetry/log.ts'

function recordLines(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    format: 'json',
    destination: { write: (line) => lines.push(line) },
    ...options,
  })
  return { log, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('log', () => {
  test('writes one JSON object per line with level, time and message', () => {
    const { log, lines, records } = recordLines()
    log.warn({ resource: 'pods' }, 'the watch ended')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(records()[0]).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      resource: 'pods',
      message: 'the watch ended',
    })
  })

  test('leaves out what is below its level, in children too', () => {
    const { log, records } = recordLines({ level: 'warn' })
    log.info('left out')
    log.child({ room: 'push' }).error({ err: new Error('refused') }, 'written')
    expect(records()).toMatchObject([{ level: 'error', room: 'push', message: 'written', err: { message: 'refused' } }])
  })

  test('text is one readable line, quoted where needed', () => {
    const { log, lines } = recordLines({ format: 'text' })
    log.info({ resource: 'pods', reason: 'too old', count: 3, err: new Error('gone') }, 'listing again')
    expect(lines[0]).toMatch(/^\S+Z INFO {2}listing again resource=pods reason="too old" count=3 err=gone\n$/)
  })
})

describe('log gate', () => {
  function createClockedGate() {
    const recorded = recordLines()
    const clock = { nowMs: 0 }
    return { ...recorded, clock, gate: createLogGate(recorded.log, 1000, () => clock.nowMs) }
  }

  test('logs a problem at once, then once per interval with how often it repeated', () => {
    const { gate, clock, records } = createClockedGate()
    for (clock.nowMs = 0; clock.nowMs <= 2000; clock.nowMs += 100) gate.warn('watch', { n: clock.nowMs }, 'refused')
    expect(records().map(({ n, repeated }) => ({ n, repeated }))).toEqual([
      { n: 0, repeated: undefined },
      { n: 1000, repeated: 10 },
      { n: 2000, repeated: 10 },
    ])
  })

  test('keys do not silence each other', () => {
    const { gate, records } = createClockedGate()
    gate.warn('a', {}, 'one')
    gate.warn('b', {}, 'two')
    expect(records().map(({ message }) => message)).toEqual(['one', 'two'])
  })

  test('logs an end once, and only of a problem that was logged', () => {
    const { gate, records } = createClockedGate()
    gate.recovered('watch', 'never failed')
    gate.warn('watch', {}, 'refused')
    gate.warn('watch', {}, 'refused')
    gate.recovered('watch', 'back')
    gate.recovered('watch', 'back')
    expect(records()).toMatchObject([{ message: 'refused' }, { message: 'back', level: 'info', repeated: 1 }])
  })

  test('a problem that flaps is logged once per interval, with its end', () => {
    const { gate, clock, records } = createClockedGate()
    for (clock.nowMs = 0; clock.nowMs < 2000; clock.nowMs += 50) {
      gate.warn('watch', {}, 'refused')
      gate.recovered('watch', 'back')
    }
    expect(records().map(({ message }) => message)).toEqual(['refused', 'back', 'refused', 'back'])
  })

  test('an outage is logged when it begins, seldom while it lasts, and anew when it comes back', () => {
    const { gate, clock, records } = createClockedGate()
    for (clock.nowMs = 0; clock.nowMs < 6000; clock.nowMs += 100) gate.warn('push', {}, 'away', { remindAfterMs: 5000 })
    gate.recovered('push', 'back')
    for (clock.nowMs = 7000; clock.nowMs < 8000; clock.nowMs += 100)
      gate.warn('push', {}, 'away', { remindAfterMs: 5000 })
    expect(records().map(({ message, repeated }) => [message, repeated])).toEqual([
      ['away', undefined],
      ['away', 50],
      ['back', 9],
      ['away', 10],
    ])
  })

  test('remembers a bounded number of problems, the ongoing ones whatever else comes', () => {
    const { gate, clock, records } = createClockedGate()
    for (let i = 0; i < 10_000; i++) gate.warn(`object-${i}`, { i }, 'refused')
    for (let i = 10_000; i < 12_000; i++) gate.warn(`object-${i}`, { i }, 'refused')
    const suppressing = 'too many different warnings at the same time: some are not logged'
    expect(records().filter(({ message }) => message === 'refused')).toHaveLength(10_000)
    expect(records().filter(({ message }) => message === suppressing)).toEqual([
      expect.objectContaining({ suppressed: 1 }),
    ])
    gate.warn('object-0', {}, 'refused')
    expect(records()).toHaveLength(10_001)
    for (let i = 0; i < 5000; i++) gate.recovered(`object-${i}`, 'accepted')
    clock.nowMs = 2000
    gate.warn('object-12001', { i: 12_001 }, 'refused')
    expect(records().at(-1)).toMatchObject({ i: 12_001, message: 'refused' })
    gate.warn('object-9999', { i: 9999 }, 'refused')
    expect(records().at(-1)).toMatchObject({ i: 9999, repeated: 1 })
  })

  describe('groups', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    const createTimedGate = () => {
      const recorded = recordLines()
      return { ...recorded, gate: createLogGate(recorded.log, 60_000, () => Date.now()) }
    }
    const forbid = (gate: LogGate, resource: string) =>
      gate.warn(resource, { resource }, `${resource} may not be read`, {
        group: { message: 'resources may not be read', name: resource },
      })

    test('many like warnings are one line with all names', () => {
      const { gate, records } = createTimedGate()
      for (let i = 0; i < 32; i++) forbid(gate, `kind-${i}`)
      vi.advanceTimersByTime(1000)
      expect(records()).toMatchObject([{ message: 'resources may not be read', count: 32 }])
      expect(records()[0]?.names).toHaveLength(32)
    })

    test('a warning without its like is its own line', () => {
      const { gate, records } = createTimedGate()
      forbid(gate, 'pods')
      vi.advanceTimersByTime(1000)
      expect(records()).toMatchObject([{ message: 'pods may not be read', resource: 'pods' }])
    })

    test('reminders that are scattered over an interval are one line, once an interval', () => {
      const { gate, records } = createTimedGate()
      for (let seconds = 0; seconds < 300; seconds++) {
        if (seconds % 10 < 8) forbid(gate, `kind-${seconds % 10}`)
        vi.advanceTimersByTime(1000)
      }
      const ofGroups = records().filter(({ message }) => message === 'resources may not be read')
      expect(new Set(ofGroups.map(({ count }) => count))).toEqual(new Set([8]))
      expect(ofGroups.length).toBeGreaterThan(2)
      expect(ofGroups.length).toBeLessThanOrEqual(5)
    })

    test('a reminder that is not due yet keeps no process alive, news do', { timeout: 30_000 }, async () => {
      vi.useRealTimers()
      const { gate, clock, records } = createClockedGate()
      const written = async (lines: number) =>
        vi.waitFor(() => expect(records()).toHaveLength(lines), { timeout: 20_000 })
      forbid(gate, 'pods')
      await written(1)
      clock.nowMs = 900
      forbid(gate, 'nodes')
      await written(2)
      clock.nowMs = 1000
      const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
      const before = timers()
      forbid(gate, 'pods')
      expect(timers()).toBe(before)
      forbid(gate, 'secrets')
      expect(timers()).toBe(before + 1)
      await written(3)
      expect(records().at(-1)).toMatchObject({ count: 2 })
    })

    test('what is over before its line was written is not logged, nor is its end', () => {
      const { gate, records } = createTimedGate()
      forbid(gate, 'pods')
      gate.recovered('pods', 'pods can be read now')
      vi.advanceTimersByTime(60_000)
      expect(records()).toEqual([])
    })
  })
})

test('a standard error that takes nothing does not end the process', () => {
  const script = `
    import { createLog } from './src/telemetry/log.ts'
    const log = createLog({ level: 'info', format: 'json' })
    for (let i = 0; i < 3; i++) log.info('to a full disk')
    console.log('alive')
  `
  const full = openSync('/dev/full', 'w')
  const stdio: StdioOptions = ['ignore', 'pipe', full]
  const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio, encoding: 'utf8' })
  closeSync(full)
  expect(stdout).toBe('alive\n')
})
