/** Where the rules for custom resources come from, and which source wins. */
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'

const files: Readonly<Record<string, string>> = {
  'rules.yaml': 'from the file',
  'older.yaml': 'custom_resource_config_file: rules.yaml',
  'newer.yaml':
    'custom_resource_state_config_file: rules.yaml\ncontinue_without_custom_resource_state_config_file: true',
  'inline.yaml': 'custom_resources_only: true\ncustom_resource_config: |\n  inline text\n',
}

function load(...argv: string[]) {
  return loadConfig({
    argv,
    env: {},
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('not there'), { code: 'ENOENT' })
      return text
    },
  })
}

function customResources(...argv: string[]) {
  const loaded = load(...argv)
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return { ...loaded.config.customResources, notices: loaded.notices.map(({ message }) => message) }
}

const fromFile = { texts: [{ source: 'rules.yaml', text: 'from the file' }], only: false, notices: [] }

describe('rules for custom resources', () => {
  it('are none by default', () => expect(customResources()).toEqual({ texts: [], only: false, notices: [] }))

  it.each([['--custom-resource-state-config-file=rules.yaml'], ['--config=older.yaml'], ['--config=newer.yaml']])(
    'come from a file: %s',
    (flag) => expect(customResources(flag)).toEqual(fromFile),
  )

  it('of a flag win over a file', () => {
    const { texts } = customResources(
      '--custom-resource-state-config-file=rules.yaml',
      '--custom-resource-state-config=spec: {}',
    )
    expect(texts).toEqual([{ source: 'flag --custom-resource-state-config', text: 'spec: {}' }])
  })

  it('stand in the configuration file', () => {
    const { texts, only } = customResources('--config=inline.yaml')
    expect({ texts, only }).toEqual({ texts: [{ source: 'inline.yaml:2', text: 'inline text\n' }], only: true })
  })

  it('of a folder are those of its YAML and JSON files, by name', () => {
    const folder: Readonly<Record<string, string>> = { 'f/b.yml': 'b', 'f/a.yaml': 'a', 'f/c.json': '{}' }
    const loaded = loadConfig({
      argv: ['--custom-resource-state-config-file=f'],
      env: {},
      readFile(path) {
        if (path === 'f') throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
        return folder[path] as string
      },
      listFolder: () => ['b.yml', '..data', 'notes.txt', 'c.json', '..2026.yaml', 'a.yaml'],
    })
    expect(loaded.ok && loaded.config.customResources.texts).toEqual([
      { source: 'f/a.yaml', text: 'a' },
      { source: 'f/b.yml', text: 'b' },
      { source: 'f/c.json', text: '{}' },
    ])
  })

  it('stand in ConfigMaps that a selector chooses', () => {
    const selector = '--custom-resource-state-config-map-selector=rules in (a, b),!old'
    const all = { labelSelector: 'rules in (a, b),!old', namespaces: [] }
    expect(customResources(selector).configMaps).toEqual(all)
    const namespaces = '--custom-resource-state-config-map-namespaces=shop,bank'
    expect(customResources(selector, namespaces).configMaps).toEqual({ ...all, namespaces: ['shop', 'bank'] })
    const problemsOf = (...flags: string[]) => {
      const loaded = load(...flags)
      return loaded.ok ? [] : loaded.problems.map(formatProblem)
    }
    expect(problemsOf(namespaces)).toEqual([
      'custom_resource_state_config_map_namespaces (flag --custom-resource-state-config-map-namespaces): expected together with custom_resource_state_config_map_selector, which chooses the ConfigMaps',
    ])
    expect(problemsOf('--custom-resource-state-config-map-selector=a in b')).toEqual([
      'custom_resource_state_config_map_selector (flag --custom-resource-state-config-map-selector): expected label requirements such as app=web, tier in (a, b) or !legacy, got "a in b"',
    ])
    expect(problemsOf('--node=n', '--resources=pods', selector)).toHaveLength(1)
  })

  it('stand in ResourceMetricsMonitors', () => {
    expect(customResources('--resource-metrics-monitors').monitors).toEqual({ namespaces: [] })
    const namespaces = '--resource-metrics-monitor-namespaces=shop'
    expect(customResources('--resource-metrics-monitors', namespaces).monitors).toEqual({ namespaces: ['shop'] })
    const loaded = load(namespaces)
    expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
      'resource_metrics_monitor_namespaces (flag --resource-metrics-monitor-namespaces): expected together with resource_metrics_monitors, which reads the objects',
    ])
    expect(load('--node=n', '--resources=pods', '--resource-metrics-monitors').ok).toBe(false)
  })

  it('of a file that is missing are refused', () => {
    const loaded = load('--custom-resource-state-config-file=missing.yaml')
    expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual([
      'custom_resource_state_config_file (flag --custom-resource-state-config-file): expected a readable file (ENOENT), got "missing.yaml"',
    ])
  })

  it('of a missing file are empty where that is allowed', () => {
    const flags = ['--custom-resource-state-config-file=missing.yaml']
    expect(customResources(...flags, '--continue-without-custom-resource-state-config-file')).toEqual({
      texts: [],
      only: false,
      notices: ['the custom resource configuration file missing.yaml does not exist: continuing without it'],
    })
  })
})
