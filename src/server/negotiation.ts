/** Content negotiation of a scrape: format and compression by its headers, plain text by default. */

/** The forms of a page that exist. */
export type ExpositionFormat = 'text' | 'openmetrics'

/** What Prometheus expects in `Content-Type` for each form. */
export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

interface Offer {
  name: string
  parameters: Map<string, string>
  quality: number
}

/** Picks the format that an `Accept` header likes best; the earlier wins a tie. An older or newer version of a format is not ours. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  const acceptable = parseOffers(accept ?? '').flatMap((offer) => {
    const format = formatOf(offer)
    return format === undefined || offer.quality === 0 ? [] : [{ format, quality: offer.quality }]
  })
  return acceptable.sort((a, b) => b.quality - a.quality)[0]?.format ?? 'text'
}

function formatOf({ name, parameters }: Offer): ExpositionFormat | undefined {
  const version = parameters.get('version')
  switch (name) {
    case 'application/openmetrics-text':
      return version === undefined || version === '1.0.0' ? 'openmetrics' : undefined
    case 'text/plain':
      return version === undefined || version === '0.0.4' ? 'text' : undefined
    case 'text/*':
    case '*/*':
      return 'text'
    default:
      return undefined
  }
}

/** Whether an `Accept-Encoding` header allows gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const offers = parseOffers(acceptEncoding ?? '')
  const offer = offers.find(({ name }) => name === 'gzip') ?? offers.find(({ name }) => name === '*')
  return offer !== undefined && offer.quality > 0
}

function parseOffers(header: string): Offer[] {
  return header
    .toLowerCase()
    .split(',')
    .filter((offer) => offer.trim() !== '')
    .map(parseOffer)
}

function parseOffer(offer: string): Offer {
  const [name = '', ...pairs] = offer.split(';').map((part) => part.trim())
  const parameters = new Map(
    pairs.map((pair): [string, string] => {
      const [key = '', value = ''] = pair.split('=').map((part) => part.trim())
      return [key, value.replaceAll('"', '')]
    }),
  )
  const quality = Number(parameters.get('q') ?? 1)
  return { name, parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 }
}
