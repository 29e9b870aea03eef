import type { FieldValidation } from './decode.ts'
import type { Resource } from './resource.ts'

/** How a write was asked for. */
export interface WriteOptions {
  readonly userAgent: string
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
  readonly dryRun: boolean
  readonly subresource: '' | 'status'
  /** Sentences for the `Warning` header; writes add theirs. */
  readonly warnings: string[]
}

/** What a write is about. */
export interface Target {
  readonly resource: Resource
  readonly namespace: string
  readonly name: string
}

/** The server's own writes. */
export const SERVER: WriteOptions = {
  userAgent: 'kube-apiserver',
  fieldManager: 'kube-apiserver',
  fieldValidation: 'Ignore',
  dryRun: false,
  subresource: '',
  warnings: [],
}
