/** The command `metrics`: forms, search and selection. */
import { describe, expect, test } from 'vitest'
import { catalogueOf } from '../../src/inspect/catalogue.ts'
import { runWithin } from './program.ts'

describe('metrics', () => {
  test('prints a table with a row for each family', async () => {
    const { code, stdout } = await runWithin(['metrics'])
    const [headings, ...rows] = stdout.trimEnd().split('\n')
    expect(code).toBe(0)
    expect(headings).toMatch(/^NAME +TYPE +STABILITY +ENABLED +OPT-IN +DEPRECATED +LABELS +HELP$/)
    expect(rows.map((row) => row.split(' ')[0])).toEqual(catalogueOf().map(({ name }) => name))
    const info = rows.find((row) => row.startsWith('kube_namespace_created '))
    expect(info).toMatch(/^kube_namespace_created +gauge +stable +yes +- +- +namespace +\S.*\.$/)
  })

  test('prints the same as JSON, for the resources and patterns of its arguments', async () => {
    const { stdout } = await runWithin(['metrics', 'jobs', '^kube_pod_info$', '--format=json'])
    const expected = catalogueOf().filter(({ resource, name }) => resource === 'jobs' || name === 'kube_pod_info')
    expect(JSON.parse(stdout)).toEqual(expected)
  })

  test('prints Markdown', async () => {
    expect((await runWithin(['metrics', 'leases', '--format', 'markdown'])).stdout).toMatch(/^## leases\n\n\| Metric/)
  })

  test('shows what a configuration enables', async () => {
    const args = ['metrics', '--enabled', '--format=json', '--resources=pods,leases', '--metric-allowlist=_info$,lease']
    const { stdout } = await runWithin(args, { KUBE_STATE_OTLP_METRIC_OPT_IN_LIST: 'kube_pod_' })
    const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
    expect(names).toContain('kube_lease_owner')
    expect(names).toContain('kube_pod_info')
    expect(names.filter((name) => !/_info$|lease/.test(name))).toEqual([])
  })

  test.each([
    [['metrics', 'podz'], /^kube-state-otlp: no resource and no metric name matches "podz"; did you mean pods\?\n$/],
    [['metrics', '--format=xml'], /^kube-state-otlp: format: expected table or markdown or json, got "xml"\n$/],
    [['metrics', '--resources=podz'], /^kube-state-otlp: resources .*podz.*\n$/],
  ])('refuses %j in one line', async (args, words) => {
    const { code, stdout, stderr } = await runWithin(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(words)
  })
})
