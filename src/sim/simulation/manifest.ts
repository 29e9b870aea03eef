import type { Ask } from './steps.ts'

/** The annotations of an Ingress that a scenario applies. */
export function placeAnnotations(wanted: {
  group: string | null
  ports: readonly number[]
  asks: Ask
}): Record<string, string> {
  const { group, ports, asks } = wanted
  return {
    'alb.ingress.kubernetes.io/listen-ports': JSON.stringify(
      ports.length === 0 ? [{ HTTP: 80 }] : ports.map((port) => ({ HTTPS: port })),
    ),
    ...(group === null ? {} : { 'alb.ingress.kubernetes.io/group.name': group }),
    ...(asks === null ? {} : { 'certwright.dev/certificate': asks }),
  }
}
