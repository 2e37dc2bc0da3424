import { expect, test } from 'vitest'
import { runStopSteps, settleWithin } from '../../src/runtime/stop-steps.ts'
import { createLog } from '../../src/telemetry/log.ts'

test('a step that fails is logged, and the next ones run in order', async () => {
  const records: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void records.push(JSON.parse(line)) }
  const ran: string[] = []
  await runStopSteps(createLog({ level: 'info', format: 'json', destination }), [
    ['reading', () => Promise.reject(new Error('no such slot'))],
    ['closing', () => expect.fail('thrown at once')],
    ['pushing', async () => ran.push('pushing')],
    ['the rest', () => ran.push('the rest')],
  ])
  expect(ran).toEqual(['pushing', 'the rest'])
  expect(records).toMatchObject([
    { level: 'error', step: 'reading', err: { message: 'no such slot' } },
    { level: 'error', step: 'closing', err: { message: 'thrown at once' } },
  ])
})

test('work that never settles is waited for no longer than its grace', async () => {
  await expect(settleWithin(new Promise(() => {}), 10)).resolves.toBeUndefined()
})

test('work that settles is not waited for any longer', async () => {
  await settleWithin(Promise.resolve(), 2 ** 30)
  await expect(settleWithin(Promise.reject(new Error('failed')), 2 ** 30)).rejects.toThrow('failed')
})
