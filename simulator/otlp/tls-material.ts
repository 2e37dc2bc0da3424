/** PEM texts. With `ca`, clients need a certificate signed by it. */
export interface TlsMaterial {
  key: string
  cert: string
  ca?: string
}
