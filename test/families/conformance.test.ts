/** Every family against what KSM printed for the same objects, case by case. */
import { describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../src/api/object-meta.ts'
import { resources } from '../../src/families/resources.ts'
import { compileJsonDecoder } from '../../src/kubernetes/decode/json.ts'
import { createPlan } from '../../src/selection/create-plan.ts'
import type { FamilyCase } from './cases.ts'
import { isOfKind, readFamilyCases } from './cases.ts'
import { sampleLines, typeLines } from './observe.ts'

const decoders = new Map(
  resources.map(({ plural, schema }) => [plural, compileJsonDecoder<KubernetesObject>(schema)] as const),
)

describe.each(resources)('$plural', ({ plural }) => {
  const cases = readFamilyCases(plural)

  test('has a case', () => {
    expect(cases).not.toEqual([])
  })

  for (const familyCase of cases) {
    test(familyCase.name, () => {
      expect(render(familyCase).sort()).toEqual([...familyCase.expected].sort())
    })
  }
})

function render({ documents, selection }: FamilyCase): string[] {
  return createPlan(resources, selection).flatMap((plan) => {
    const decode = decoders.get(plan.resource.plural)
    if (decode === undefined) throw new Error(`no decoder for ${plan.resource.plural}`)
    const objects = documents.filter((document) => isOfKind(document, plan.resource)).map(decode)
    if (objects.length === 0) return []
    return [...typeLines(plan), ...objects.flatMap((object) => sampleLines(plan, object))]
  })
}
