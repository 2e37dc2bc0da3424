/** CustomResourceDefinitions as projects publish them in their Go modules; downloaded when the test runs. */

import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export interface Definition {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly scope: string
    readonly names: { readonly kind: string; readonly plural: string }
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly subresources?: { readonly status?: object }
    }[]
  }
}

/** Modules by the name of the file in config/custom-resources, each with the files that hold definitions. */
export const modules: Readonly<Record<string, readonly (readonly [module: string, files: string])[]>> = {
  'argo-cd': [['github.com/argoproj/argo-cd/v3@v3.1.0', 'manifests/crds/*.yaml']],
  'cert-manager': [['github.com/cert-manager/cert-manager@v1.21.2', 'deploy/crds/*.yaml']],
  'cluster-api': [
    ['sigs.k8s.io/cluster-api@v1.14.2', 'core/config/crd/bases/*.yaml'],
    ['sigs.k8s.io/cluster-api@v1.14.2', 'controlplane/kubeadm/config/crd/bases/*.yaml'],
  ],
  crossplane: [['github.com/crossplane/crossplane/v2@v2.0.0', 'cluster/crds/*.yaml']],
  flux: [
    ['github.com/fluxcd/kustomize-controller@v1.6.0', 'config/crd/bases/*.yaml'],
    ['github.com/fluxcd/helm-controller@v1.4.0', 'config/crd/bases/*.yaml'],
    ['github.com/fluxcd/source-controller@v1.7.0', 'config/crd/bases/*.yaml'],
  ],
  'gateway-api': [['sigs.k8s.io/gateway-api@v1.4.0', 'config/crd/standard/*.yaml']],
  karpenter: [['sigs.k8s.io/karpenter@v1.8.0', 'pkg/apis/crds/*.yaml']],
  keda: [['github.com/kedacore/keda/v2@v2.21.0', 'config/crd/bases/*.yaml']],
  'vertical-pod-autoscaler': [['k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1', 'deploy/vpa-v1-crd-gen.yaml']],
}

/** The definitions of a project. Needs Go and its module proxy. */
export function publishedDefinitions(name: string): Definition[] {
  return (modules[name] ?? []).flatMap(([module, files]) => {
    const folder = (
      JSON.parse(execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8' })) as { Dir: string }
    ).Dir
    return globSync(files, { cwd: folder })
      .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
      .map((document) => document.toJS() as Definition)
      .filter((object) => object?.kind === 'CustomResourceDefinition')
  })
}
