import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** The house rules, so that they live in no reviewer's head. */

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What is committed, and what would be: ignored files are nobody's. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)))

const SOURCES = FILES.filter((path) => path.endsWith('.ts'))
const PROGRAM = SOURCES.filter((path) => path.startsWith('src/'))
const CORE = PROGRAM.filter((path) => path.startsWith('src/core/') && !path.endsWith('.test.ts'))

const texts = new Map<string, string>()

function textOf(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(ROOT, path), 'utf8')
  texts.set(path, text)
  return text
}

/** The code alone: comments and the insides of strings blanked, line by line as before. Regular expressions stay. */
function codeOf(path: string): string {
  return textOf(path).replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, (found) =>
    found.replaceAll(/[^\n'"]/g, ' '),
  )
}

/** Each `path:line` of `paths` whose code matches, with what matched. */
function findings(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    codeOf(path)
      .split('\n')
      .flatMap((line, index) => {
        const found = pattern.exec(line)
        return found ? [`${path}:${index + 1}: ${found[0]}`] : []
      }),
  )
}

function importsOf(path: string): string[] {
  const text = textOf(path).replaceAll(/\/\*[^]*?\*\//g, '')
  return [...text.matchAll(/(?:^|\s)(?:from|import)\s*\(?\s*'([^'\s]+)'/g)].map(([, specifier]) => specifier as string)
}

it('looks at files at all', () => {
  expect(CORE.length).toBeGreaterThan(5)
  expect(PROGRAM.length).toBeGreaterThan(CORE.length)
  expect(importsOf('test/tidy.test.ts')).toContain('node:fs')
  expect(findings(['test/tidy.test.ts'], /expect\(CORE/)).toHaveLength(1)
})

describe('the core', () => {
  it('imports nothing from outside the core, but the hash', () => {
    const outside = CORE.flatMap((path) =>
      importsOf(path)
        .filter((specifier) => {
          if (path === 'src/core/hash.ts' && specifier === 'node:crypto') return false
          const target = relative(ROOT, resolve(ROOT, dirname(path), specifier))
          return !specifier.startsWith('.') || !target.startsWith('src/core/')
        })
        .map((specifier) => `${path}: ${specifier}`),
    )
    expect(outside).toEqual([])
  })

  it('takes from node:crypto nothing but createHash', () => {
    const taken = [...textOf('src/core/hash.ts').matchAll(/import \{([^}]*)\} from 'node:crypto'/g)].map(([, names]) =>
      names?.trim(),
    )
    expect(taken).toEqual(['createHash'])
  })

  it('waits for nothing', () => {
    expect(findings(CORE, /\basync\b|\bawait\b|\bPromise\b|\.then\(|\byield\b\s*\*?\s*new\b/)).toEqual([])
  })

  it('reads no clock, no chance, no environment and no file, and writes no console', () => {
    expect(findings(CORE, /\b(process|console|crypto|performance)\.|\bglobalThis\b|\b(fetch|require)\(/)).toEqual([])
  })
})

describe('time and chance', () => {
  const ADAPTERS = ['src/clock.ts', 'src/random.ts']
  const others = SOURCES.filter((path) => !ADAPTERS.includes(path))
  const program = PROGRAM.filter((path) => !ADAPTERS.includes(path))

  it('are read from the platform by their two adapters only', () => {
    const platform =
      /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )(?<![\w.])Date\(\s*\)|\bMath\.random\b|\bperformance\.now\b|\brandomUUID\b|\bcrypto\.subtle\b|\bgetRandomValues\b/
    expect(findings(others, platform)).toEqual([])
  })

  it('set no timer of the platform but through the clock', () => {
    expect(findings(program, /\bset(Timeout|Interval)\b|\bAbortSignal\.timeout\b/)).toEqual([])
    const timers = program.filter((path) =>
      importsOf(path).some((specifier) => /^(node:)?timers(\/|$)/.test(specifier)),
    )
    expect(timers).toEqual([])
  })

  it('draw random bytes only in the adapter', () => {
    expect(findings(program, /\brandomBytes\b|\brandomInt\b|\bhrtime\b/)).toEqual([])
  })
})

it('reads the environment only where the program is put together', () => {
  const elsewhere = PROGRAM.filter((path) => !/^src\/(main|config)\.ts$|^src\/cli\/|\.test\.ts$/.test(path))
  expect(findings(elsewhere, /\bprocess\.env\b/)).toEqual([])
})

describe('files', () => {
  it('have at most 400 lines', () => {
    const long = SOURCES.map((path) => [path, textOf(path).trimEnd().split('\n').length] as const).filter(
      ([, lines]) => lines > 400,
    )
    expect(long).toEqual([])
  })

  it('are named for what they hold: no drawer for everything', () => {
    const drawer = /(^|[/-])(utils?|helpers?|misc)(\.|\/|$)|(^|\/)managers?(\.|\/|$)/i
    expect(FILES.filter((path) => drawer.test(path))).toEqual([])
  })

  it('are named in kebab-case', () => {
    expect(SOURCES.filter((path) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.[a-z0-9]+)*\.ts$/.test(path))).toEqual([])
  })

  it('import each other with their ending', () => {
    const bare = SOURCES.flatMap((path) =>
      importsOf(path)
        .filter((specifier) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier))
        .map((specifier) => `${path}: ${specifier}`),
    )
    expect(bare).toEqual([])
  })

  it('name no machine and no package registry', () => {
    // Put together here, so that this file does not name them either.
    const machine = new RegExp(
      ['/work', '/home/[a-z]', '/Users/[a-z]', '/root/', '/tmp/[a-z]'].map((path) => `(?<![\\w.~-])${path}`).join('|'),
    )
    const registry = new RegExp(
      ['registry', 'npmjs', '(org|com)'].join('\\.') + '|' + ['"resolved"', ' *"http'].join(':'),
    )
    const naming = FILES.filter((path) => !/\.(png|svg|ico|woff2?|sum)$/.test(path)).flatMap((path) =>
      textOf(path)
        .split('\n')
        .flatMap((line, index) => {
          const found = machine.exec(line) ?? registry.exec(line)
          return found && path !== 'test/tidy.test.ts' ? [`${path}:${index + 1}: ${found[0]}`] : []
        }),
    )
    expect(naming).toEqual([])
  })
})

describe('dependencies', () => {
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>

  it('are pinned to exact versions', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    )
    expect(loose).toEqual([])
  })

  // npm leaves out of the lockfile what the registry at hand does not have for other platforms; 'npm ci' then refuses the lockfile.
  it('stand in the lockfile with their packages for every platform', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, LockedPackage> }
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.entries(optionalDependencies ?? {})
        .filter(([name]) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages))
        .map(([name, version]) => `${name}@${version}`),
    )
    expect(missing).toEqual([])
  })

  it('are declared where the program imports them', () => {
    const undeclared = PROGRAM.filter((path) => !path.endsWith('.test.ts')).flatMap((path) =>
      importsOf(path)
        .filter((specifier) => !/^(\.|node:)/.test(specifier))
        .map((specifier) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !(name in (dependencies ?? {})) && !(name in (devDependencies ?? {})))
        .map((name) => `${path}: ${name}`),
    )
    expect(undeclared).toEqual([])
  })
})
