/** The files in config/examples: accepted without notices, and every pattern in them excludes a metric. */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { resources } from '../../src/families/built-in-resources.ts'
import { createPlan } from '../../src/selection/create-plan.ts'
import { accepted } from './inputs.ts'

const folder = 'config/examples'
const files = readdirSync(folder)

it('are those that the documentation speaks of', () => {
  expect(files.sort()).toEqual(['large.yaml', 'namespaced.yaml', 'sidecar.yaml', 'small.yaml'])
})

describe.each(files)('%s', (file) => {
  const text = readFileSync(`${folder}/${file}`, 'utf8')
  const { config, notices } = accepted({ file: text })

  it('is accepted without a notice, and has the endpoint of the push', () => {
    expect(notices).toEqual([])
    expect(config.otlp.endpoint).toBeDefined()
  })

  it('says what it is for, and how it is used', () => {
    expect(text).toMatch(new RegExp(`^# [^\\n]+\\n(#.*\\n)*#   kube-state-otlp .*--config=${file}\\n`))
  })

  it('has only patterns that exclude at least one existing metric', () => {
    const namesOf = (metricDenylist: readonly string[]) =>
      createPlan(resources, { ...config.selection, metricDenylist }).flatMap(({ families }) => families)
    const all = namesOf([]).length
    for (const pattern of config.selection.metricDenylist) expect(namesOf([pattern]).length, pattern).toBeLessThan(all)
  })
})

it('namespaced requests nothing outside its namespaces', () => {
  const { config } = accepted({ file: readFileSync(`${folder}/namespaced.yaml`, 'utf8') })
  const selected = createPlan(resources, config.selection).map(({ resource }) => resource)
  expect(selected.filter(({ namespaced }) => !namespaced)).toEqual([])
  expect(config.otlp.instanceId).toBeDefined()
})
