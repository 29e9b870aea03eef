import type { Json, JsonObject } from '../json.ts'
import { isObject, textOf } from '../json.ts'
import { timestamp } from '../object.ts'
import type { FieldType, Message } from './messages.ts'
import { MESSAGES } from './messages.ts'

export const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** What every body in protobuf starts with: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding */
const MAGIC = Buffer.from('k8s\0')

/** The envelope, `runtime.Unknown`: what is inside, and its bytes. */
const ENVELOPE: Message = {
  1: ['type', { kind: 'message', of: { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] } }],
  2: ['raw', 'bytes'],
}

/** A body in protobuf as the same body in JSON; undefined for a kind or a form that is not read here. */
export function decodeProtobuf(body: Buffer): JsonObject | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const { type, raw } = readMessage(body.subarray(MAGIC.length), ENVELOPE)
  if (!isObject(type) || typeof raw !== 'string') return undefined
  const message = MESSAGES[`${textOf(type['apiVersion'])} ${textOf(type['kind'])}`]
  return message && { ...type, ...readMessage(Buffer.from(raw, 'base64'), message) }
}

/** A value as it stands on the wire: a number, or bytes. */
type Wire = { readonly number: number; readonly bytes?: undefined } | { readonly number: 0; readonly bytes: Buffer }

function* fields(body: Buffer): Generator<[number: number, value: Wire]> {
  let offset = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = body.readUInt8(offset++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, value))
    }
  }
  while (offset < body.length) {
    const tag = varint()
    switch (tag & 7) {
      case 0:
        yield [tag >>> 3, { number: varint() }]
        break
      case 2: {
        const length = varint()
        yield [tag >>> 3, { number: 0, bytes: body.subarray(offset, offset + length) }]
        offset += length
        break
      }
      default:
        throw new RangeError(`protobuf: wire type ${tag & 7} is not read here`)
    }
  }
}

function readMessage(body: Buffer, message: Message): JsonObject {
  const result: JsonObject = {}
  for (const [number, wire] of fields(body)) {
    const field = message[number]
    if (field) addField({ result, name: field[0], type: field[1], wire })
  }
  return result
}

function addField(field: { result: JsonObject; name: string; type: FieldType; wire: Wire }): void {
  const { result, name, type, wire } = field
  if (typeof type === 'string' || type.kind === 'message') {
    const value = readValue(type, wire)
    if (value !== undefined) result[name] = value
  } else if (type.kind === 'inline') Object.assign(result, readMessage(bytesOf(wire), type.of))
  else if (type.kind === 'list') {
    const former = result[name]
    const value = readValue(type.of, wire, true)
    if (value !== undefined) result[name] = [...(Array.isArray(former) ? former : []), value]
  } else {
    const former = result[name]
    const { key, value } = readMessage(bytesOf(wire), { 1: ['key', 'string'], 2: ['value', type.of] })
    result[name] = { ...(isObject(former) ? former : {}), [typeof key === 'string' ? key : '']: value ?? '' }
  }
}

const bytesOf = (wire: Wire): Buffer => wire.bytes ?? Buffer.alloc(0)

/** Go writes empty values too: they are left out, except as items of a list. */
function readValue(type: FieldType, wire: Wire, item = false): Json | undefined {
  switch (type) {
    case 'string':
      return bytesOf(wire).toString() || (item ? '' : undefined)
    case 'bytes':
      return bytesOf(wire).toString('base64')
    case 'integer':
      return wire.number === 0 ? undefined : wire.number
    case 'boolean':
      return wire.number !== 0
    case 'flag':
      return wire.number === 0 ? undefined : true
    case 'time': {
      const { seconds } = readMessage(bytesOf(wire), { 1: ['seconds', 'integer'] })
      return typeof seconds === 'number' ? timestamp(seconds * 1000) : undefined
    }
    case 'intOrString':
      return readIntOrString(bytesOf(wire))
    default:
      return type.kind === 'message' ? readMessage(bytesOf(wire), type.of) : undefined
  }
}

function readIntOrString(body: Buffer): Json | undefined {
  const { type, number, text } = readMessage(body, {
    1: ['type', 'integer'],
    2: ['number', 'integer'],
    3: ['text', 'string'],
  })
  return type === undefined ? number : (text ?? '')
}
