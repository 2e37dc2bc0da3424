import { describe, expect, test } from 'vitest'
import type { LogOptions } from '../../src/telemetry/log.ts'
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
    log.info('unheard')
    log.child({ room: 'push' }).error({ err: new Error('refused') }, 'heard')
    expect(records()).toMatchObject([{ level: 'error', room: 'push', message: 'heard', err: { message: 'refused' } }])
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

  test('tells a trouble at once, then once per interval with how often it repeated', () => {
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

  test('tells an end once, and only of a trouble that was told', () => {
    const { gate, records } = createClockedGate()
    gate.recovered('watch', 'never in trouble')
    gate.warn('watch', {}, 'refused')
    gate.warn('watch', {}, 'refused')
    gate.recovered('watch', 'back')
    gate.recovered('watch', 'back')
    expect(records()).toMatchObject([{ message: 'refused' }, { message: 'back', level: 'info', repeated: 1 }])
  })

  test('a trouble that flaps is told once per interval, with its end', () => {
    const { gate, clock, records } = createClockedGate()
    for (clock.nowMs = 0; clock.nowMs < 2000; clock.nowMs += 50) {
      gate.warn('watch', {}, 'refused')
      gate.recovered('watch', 'back')
    }
    expect(records().map(({ message }) => message)).toEqual(['refused', 'back', 'refused', 'back'])
  })

  test('an outage is told when it begins, seldom while it lasts, and anew when it comes back', () => {
    const { gate, clock, records } = createClockedGate()
    for (clock.nowMs = 0; clock.nowMs < 6000; clock.nowMs += 100) gate.warn('push', {}, 'away', 5000)
    gate.recovered('push', 'back')
    for (clock.nowMs = 7000; clock.nowMs < 8000; clock.nowMs += 100) gate.warn('push', {}, 'away', 5000)
    expect(records().map(({ message, repeated }) => [message, repeated])).toEqual([
      ['away', undefined],
      ['away', 50],
      ['back', 9],
      ['away', 10],
    ])
  })

  test('remembers a bounded number of troubles and forgets the oldest', () => {
    const { gate, lines } = createClockedGate()
    for (let i = 0; i < 1001; i++) gate.warn(`object-${i}`, {}, 'refused')
    gate.warn('object-1000', {}, 'still remembered')
    expect(lines).toHaveLength(1001)
    gate.warn('object-0', {}, 'forgotten, so told again')
    expect(lines).toHaveLength(1002)
  })
})
