/**
 * A name as Route 53 stores and returns it: lower-case, with a trailing dot, every character outside a–z 0–9 - _ . as `\ooo`, octal.
 */
export function normalise(name: string): string {
  const decoded = name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  const escaped = decoded
    .toLowerCase()
    .replace(/[^a-z0-9\-_.]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return escaped.endsWith('.') ? escaped : `${escaped}.`
}

/** A normalised name as resolvers speak of it: no trailing dot, `*` as it is. */
export function plain(name: string): string {
  return name.replace(/\.$/, '').replaceAll('\\052', '*')
}

/** What names are ordered by: their labels from the right. */
export function orderKey(name: string): string {
  return name.replace(/\.$/, '').split('.').reverse().join('\u0001')
}

/** Whether a normalised name is in the zone of a normalised name. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}

/** A zone's or record's name is at most 255 octets, each label at most 63, none empty. */
export function isDomainName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.')
  return name.length <= 255 && labels.every((label) => label.length > 0 && label.length <= 63)
}
