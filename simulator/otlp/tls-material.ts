// Owns the shape of what a listener needs for TLS. Refuses files: PEM texts are passed in.

/** PEM texts. With `ca` clients must show a certificate that it has signed. */
export interface TlsMaterial {
  key: string
  cert: string
  ca?: string
}
