export interface KubeconfigOptions {
  readonly url: string
  /** PEM of the CA that signed the server's certificate. */
  readonly authority?: string | undefined
  readonly token?: string | undefined
}

/** Returns a kubeconfig with one context, as JSON, which is also YAML. */
export function writeKubeconfig({ url, authority, token }: KubeconfigOptions): string {
  const trust =
    authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'simulator',
    clusters: [{ name: 'simulator', cluster: { server: url, ...trust } }],
    users: [{ name: 'simulator', user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'simulator', context: { cluster: 'simulator', user: 'simulator' } }],
  })
}
