/** Ways to break the plan on purpose, to see that the demo notices. */
export const BREAKS = ['drop-old-first'] as const

export type Break = (typeof BREAKS)[number]
