import { hash } from './hash.ts'

/** Who a cluster is, whatever it is called: 12 hexadecimal digits of the SHA-256 of the UID of its namespace `kube-system`. */
export function ownerTag(uid: string): string {
  return hash(uid, 12)
}
