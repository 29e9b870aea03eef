/** An XML element: as much of XML as the AWS protocols use (no mixed content, attributes ignored when reading). */
export interface XmlElement {
  readonly name: string
  readonly children: readonly XmlElement[]
  readonly text: string
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Reads an XML document and gives its root element.
 * @throws SyntaxError when it is not well-formed.
 */
export function parseXml(source: string): XmlElement {
  const token = /<\?[^]*?\?>|<!--[^]*?-->|<(\/?)([\w:.-]+)([^>]*?)(\/?)>|([^<]+)/y
  const root = { name: '', children: [] as XmlElement[], text: '' }
  const open: { name: string; children: XmlElement[]; text: string }[] = [root]
  while (token.lastIndex < source.length) {
    const from = token.lastIndex
    const match = token.exec(source)
    if (!match) throw new SyntaxError(`not well-formed XML at character ${from}`)
    const [, closing, name, , selfClosing, text] = match
    const current = open.at(-1)
    if (!current) throw new SyntaxError('text after the end of the document')
    if (text !== undefined) {
      current.text += unescape(text)
    } else if (name !== undefined && closing) {
      if (open.length < 2 || current.name !== name) throw new SyntaxError(`</${name}> closes nothing`)
      open.pop()
    } else if (name !== undefined) {
      const element = { name, children: [], text: '' }
      current.children.push(element)
      if (!selfClosing) open.push(element)
    }
  }
  const document = root.children[0]
  if (open.length !== 1 || !document) throw new SyntaxError('the document ends too early')
  return document
}

/** The first child called `name`. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.name === name)
}

/** The text of the first child called `name`, `undefined` where it is absent. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.text
}

/** An element with a text, or nothing where the text is `undefined`. */
export function leaf(name: string, text: string | number | boolean | undefined): string {
  return text === undefined ? '' : `<${name}>${escape(String(text))}</${name}>`
}

/** An element around elements that are already XML. */
export function node(name: string, ...content: readonly string[]): string {
  return `<${name}>${content.join('')}</${name}>`
}

/** A document: the root element with its namespace. */
export function document(name: string, namespace: string | undefined, ...content: readonly string[]): string {
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${attribute}>${content.join('')}</${name}>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function unescape(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number.parseInt(decimal, 10))
    return (name === undefined ? undefined : ENTITIES[name]) ?? whole
  })
}
