import { hashSync } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import { createPasswordCheck } from '../../../src/server/web-config/basic-auth.ts'

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** A check whose comparisons are counted, and end when the test says so. */
function createCounted(maxWaiting?: number) {
  const compared: { password: string; hash: string; end: (isRight: boolean) => void }[] = []
  const compare = (password: string, hash: string) =>
    new Promise<boolean>((end) => void compared.push({ password, hash, end }))
  return { compared, ...createPasswordCheck({ compare, ...(maxWaiting !== undefined && { maxWaiting }) }) }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a password', () => {
  test.each(['2a', '2b', '2y'])('is compared with a hash of version %s', async (version) => {
    const users = new Map([['alice', hashSync('open: sesame', 4).replace(/^\$2b/, `$${version}`)]])
    const { check } = createPasswordCheck()
    expect(await check(basic('alice', 'open: sesame'), users)).toBe('accepted')
    expect(await check(basic('alice', 'open'), users)).toBe('refused')
    expect(await check(basic('bob', 'open: sesame'), users)).toBe('refused')
  })

  test.each([undefined, '', 'Basic', 'Basic !!!', 'Bearer YTpi', `Basic ${Buffer.from('alice').toString('base64')}`])(
    'is not in %j',
    async (header) => {
      const { check, compared } = createCounted()
      expect(await check(header, new Map([['alice', 'hash']]))).toBe('refused')
      expect(compared).toEqual([])
    },
  )

  test('is compared once, right or wrong, until the hash changes', async () => {
    const { check, compared } = createCounted()
    const users = new Map([['alice', 'hash']])
    for (const [password, isRight] of [
      ['right', true],
      ['wrong', false],
    ] as const) {
      const result = check(basic('alice', password), users)
      await settle()
      compared.at(-1)?.end(isRight)
      expect(await result).toBe(isRight ? 'accepted' : 'refused')
      expect(await check(basic('alice', password), users)).toBe(isRight ? 'accepted' : 'refused')
    }
    expect(compared.map(({ password }) => password)).toEqual(['right', 'wrong'])
    const later = check(basic('alice', 'right'), new Map([['alice', 'another hash']]))
    await settle()
    expect(compared.at(-1)).toMatchObject({ password: 'right', hash: 'another hash' })
    compared.at(-1)?.end(false)
    expect(await later).toBe('refused')
  })

  test("of a user who does not exist is compared too, and refused even if it is somebody's", async () => {
    const { check, compared } = createCounted()
    const result = check(basic('mallory', 'right'), new Map([['alice', 'hash']]))
    await settle()
    compared[0]?.end(true)
    expect(await result).toBe('refused')
  })
})

test('one comparison runs at a time, a few wait, more are rejected as busy', async () => {
  const { check, compared } = createCounted(1)
  const users = new Map([['alice', 'hash']])
  const first = check(basic('alice', 'a'), users)
  const second = check(basic('alice', 'b'), users)
  await settle()
  expect(compared).toHaveLength(1)
  expect(await check(basic('alice', 'c'), users)).toBe('busy')
  compared[0]?.end(false)
  expect(await first).toBe('refused')
  await settle()
  compared[1]?.end(true)
  expect(await second).toBe('accepted')
})

test('guesses push no accepted password out of the cache', async () => {
  const { check, compared } = createCounted()
  const users = new Map([['alice', 'hash']])
  const ask = async (password: string, isRight: boolean) => {
    const before = compared.length
    const result = check(basic('alice', password), users)
    await settle()
    if (compared.length > before) compared.at(-1)?.end(isRight)
    return result
  }
  expect(await ask('right', true)).toBe('accepted')
  for (let i = 0; i < 300; i++) expect(await ask(`guess ${i}`, false)).toBe('refused')
  expect(compared).toHaveLength(301)
  expect(await ask('right', false)).toBe('accepted')
  expect(await ask('guess 299', true)).toBe('refused')
  expect(compared).toHaveLength(301)
})

test('a comparison that fails keeps no other from running', async () => {
  const results = [Promise.reject(new Error('bad hash')), Promise.resolve(true)]
  const { check } = createPasswordCheck({ compare: () => results.shift() as Promise<boolean> })
  const users = new Map([['alice', 'hash']])
  await expect(check(basic('alice', 'a'), users)).rejects.toThrow('bad hash')
  expect(await check(basic('alice', 'b'), users)).toBe('accepted')
})
