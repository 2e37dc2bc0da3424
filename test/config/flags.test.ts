/** Flags of the configuration, with the values that Go's pflag gives them. */
import { describe, expect, it } from 'vitest'
import { accepted, refused } from './inputs.ts'

describe('flags', () => {
  it.each([
    [['--track-unscheduled-pods'], true],
    [['--track-unscheduled-pods=t'], true],
    [['--track-unscheduled-pods=TRUE'], true],
    [['--track-unscheduled-pods=1'], true],
    [['--track-unscheduled-pods=false'], false],
    [['--track-unscheduled-pods=F'], false],
    [['--track-unscheduled-pods', '--track-unscheduled-pods=0'], false],
  ])('boolean %j', (argv, value) => {
    expect(accepted({ argv }).config.selection.trackUnscheduledPods).toBe(value)
  })

  it.each(['yes', 'on', '', 'tRUE'])('boolean =%s is refused, as by Go', (word) => {
    expect(refused({ argv: [`--track-unscheduled-pods=${word}`] })).toHaveLength(1)
  })

  it.each([
    [['--port=9'], 9],
    [['--port', '9'], 9],
    [['--port', '8', '--port=9'], 9],
    [['--port=0x10'], 16],
    [['--port=010'], 8],
    [['--port=1_000'], 1000],
    [['--port=+7'], 7],
  ])('number %j', (argv, value) => {
    expect(accepted({ argv }).config.server.port).toBe(value)
  })

  it.each(['', '8080.0', '1e3', '8080 ', '0x', '09'])('number =%s is refused', (word) => {
    expect(refused({ argv: [`--port=${word}`] })).toHaveLength(1)
  })

  it('takes the next argument as value, even one that looks like a flag', () => {
    expect(accepted({ argv: ['--context', '--port'] }).config.kubernetes.context).toBe('--port')
    expect(refused({ argv: ['--node'] })).toEqual(['node (flag --node): expected a value after the flag'])
  })

  it('keeps what follows the first equals sign', () => {
    expect(accepted({ argv: ['--context=a=b'] }).config.kubernetes.context).toBe('a=b')
  })

  it('adds up repeated lists, trimmed and distinct, and replaces repeated allow lists', () => {
    const { selection, otlp } = accepted({
      argv: [
        ...['--namespaces=a', '--namespaces= b ,', '--namespaces=a,c'],
        ...['--resources=pods', '--resources=nodes', '--metric-denylist=x', '--metric-denylist=y'],
        ...['--metric-labels-allowlist=pods=[a]', '--metric-labels-allowlist=nodes=[b]'],
        ...['--otlp-constant-labels=a=1', '--otlp-constant-labels=b=2'],
      ],
    }).config
    expect(selection.namespaces).toEqual(['a', 'b', 'c'])
    expect(selection.resources).toEqual(['pods', 'nodes'])
    expect(selection.metricDenylist).toEqual(['x', 'y'])
    expect(selection.labelsAllowList).toEqual(new Map([['nodes', ['b']]]))
    expect(otlp.constantLabels).toEqual(new Map(Object.entries({ a: '1', b: '2' })))
  })

  it.each([
    ['--metric-allow-list=a', '--metric-allowlist'],
    ['--interval=1s', '--push-interval'],
    ['--otlp_endpoint=x', '--otlp-endpoint'],
    ['--namespace=x', '--namespaces'],
  ])('suggests for %s', (flag, suggestion) => {
    expect(refused({ argv: [flag] })[0]).toContain(`did you mean ${suggestion}?`)
  })

  it('rejects arguments that are not flags, but not the value of an unknown flag', () => {
    expect(refused({ argv: ['stray'] })).toEqual(['stray: expected no argument here'])
    expect(refused({ argv: ['-x'] })).toEqual(['-x: expected a known flag'])
    expect(refused({ argv: ['--zzzzzzzz', 'its-value'] })).toHaveLength(1)
  })
})
