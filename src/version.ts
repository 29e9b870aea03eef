import packageJson from '../package.json' with { type: 'json' }

/** Certwright's own version. */
export const VERSION: string = packageJson.version
