import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BARE_ENVIRONMENT, certwright, ROOT, start } from './process.ts'

it('works from any directory, by its path', async () => {
  expect(await certwright(['--version'], { cwd: tmpdir() })).toMatchObject({ code: 0, stderr: '' })
})

it('runs Node 24 or later, whatever the machine has', async () => {
  const { stdout } = await certwright(['--version'])
  const [, major] = /^certwright \S+ \(Node v(\d+)\.\S+\)\n$/.exec(stdout) ?? []
  expect(Number(major)).toBeGreaterThanOrEqual(24)
})

/** A clone that is not installed: the launcher itself, a main.ts that shows what it was given, and an npm that installs a Node. */
describe('in a fresh clone', () => {
  let clone = ''
  let environment: NodeJS.ProcessEnv = {}
  beforeEach(async () => {
    clone = await realpath(await mkdtemp(join(tmpdir(), 'certwright clone ')))
    await cp(`${ROOT}certwright`, join(clone, 'certwright'))
    await mkdir(join(clone, 'src'))
    await mkdir(join(clone, 'bin'))
    await writeFile(join(clone, 'package-lock.json'), '{}')
    await writeFile(join(clone, 'src/main.ts'), MAIN)
    await writeNpm(INSTALL)
    environment = { ...BARE_ENVIRONMENT, PATH: `${join(clone, 'bin')}:${BARE_ENVIRONMENT.PATH}` }
  })
  afterEach(() => rm(clone, { recursive: true }))

  const MAIN =
    'const [first, ...words] = process.argv.slice(2) as string[]\nconsole.log(JSON.stringify([first, ...words]))\nprocess.exitCode = Number(first)\n'
  const INSTALL = `echo "$*" >>"npm-calls"; sleep 0.2; mkdir -p node_modules/.bin; ln -sf '${process.execPath}' node_modules/.bin/node; echo >node_modules/.package-lock.json; echo chatter`

  async function writeNpm(script: string): Promise<void> {
    await writeFile(join(clone, 'bin/npm'), `#!/bin/sh\n${script}\n`)
    await chmod(join(clone, 'bin/npm'), 0o755)
  }

  const launch = (words: string[], file = join(clone, 'certwright')) =>
    start(file, words, { cwd: tmpdir(), environment }).ended
  const npmCalls = async () => (await readFile(join(clone, 'npm-calls'), 'utf8')).trim().split('\n')

  it('installs on first use, says so in one sentence, and never again', async () => {
    const first = await launch(['7', 'a b', ''])
    expect(first).toMatchObject({ code: 7, stdout: '["7","a b",""]\n' })
    expect(first.stderr).toBe(
      `certwright: installing its dependencies into ${clone}/node_modules (npm ci); this happens once and takes about a minute.\n`,
    )
    expect(await launch(['0'])).toEqual({ code: 0, signal: null, stdout: '["0"]\n', stderr: '' })
    expect(await npmCalls()).toHaveLength(1)
  })

  it('does not install into what a link leads to, and says what to do', async () => {
    await mkdir(join(clone, 'elsewhere'))
    await symlink(join(clone, 'elsewhere'), join(clone, 'node_modules'))
    const { code, stderr } = await launch(['0'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^certwright: .*node_modules is a symbolic link.*: remove the link\.\n$/)
    await expect(npmCalls()).rejects.toThrow('ENOENT')
  })

  it('installs again when package-lock.json has changed since', async () => {
    await launch(['0'])
    const [longAgo, later] = [new Date('2020-01-01'), new Date('2020-01-02')]
    await utimes(join(clone, 'node_modules/.package-lock.json'), longAgo, longAgo)
    await utimes(join(clone, 'package-lock.json'), later, later)
    await launch(['0'])
    await launch(['0'])
    expect(await npmCalls()).toHaveLength(2)
  })

  it('installs once when it is started twice at a time', async () => {
    const both = await Promise.all([launch(['0']), launch(['0'])])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(await npmCalls()).toHaveLength(1)
  })

  it('does not wait for an installer that was killed', async () => {
    const dead = start('/bin/true', [])
    await dead.ended
    await mkdir(join(clone, '.cache/installing'), { recursive: true })
    await writeFile(join(clone, '.cache/installing/pid'), `${dead.child.pid}\n`)
    expect(await launch(['0'])).toMatchObject({ code: 0 })
  })

  it('works through symbolic links, relative and absolute', async () => {
    await mkdir(join(clone, 'links'))
    await symlink('../certwright', join(clone, 'links/relative'))
    await symlink(join(clone, 'links/relative'), join(clone, 'links/absolute'))
    expect(await launch(['3'], join(clone, 'links/absolute'))).toMatchObject({ code: 3 })
  })

  it('says what to do when npm is missing', async () => {
    await rm(join(clone, 'bin/npm'))
    for (const tool of ['sh', 'readlink', 'dirname', 'mkdir', 'cat', 'rm'])
      await symlink(`/bin/${tool}`, join(clone, 'bin', tool))
    environment = { ...environment, PATH: join(clone, 'bin') }
    expect(await launch(['0'])).toMatchObject({
      code: 1,
      stderr:
        'certwright: npm was not found, and it is needed once to install what Certwright is made of: install Node.js 20 or later, which brings it.\n',
    })
  })

  it('says what to do when the installation fails, and tries again the next time', async () => {
    await writeNpm('echo "npm error: no network" >&2; exit 1')
    const failed = await launch(['0'])
    expect(failed.code).toBe(1)
    expect(failed.stderr.split('\n').slice(1)).toEqual([
      'npm error: no network',
      `certwright: the installation failed: run 'npm ci' in ${clone} to see why.`,
      '',
    ])
    await writeNpm(INSTALL)
    expect(await launch(['0'])).toMatchObject({ code: 0 })
  })

  it('says what to do when npm brought no Node and the machine has only an old one', async () => {
    await writeNpm('mkdir node_modules; echo >node_modules/.package-lock.json')
    await writeFile(join(clone, 'bin/node'), '#!/bin/sh\necho 20\n')
    await chmod(join(clone, 'bin/node'), 0o755)
    const { code, stderr } = await launch(['0'])
    expect(code).toBe(1)
    expect(stderr).toContain(`certwright: Node 24 is missing from ${clone}/node_modules: let npm run install scripts`)
  })

  it('passes a signal on, and is gone with the process that it started', async () => {
    await writeFile(
      join(clone, 'src/main.ts'),
      "process.on('SIGTERM', () => process.exit(9))\nsetInterval(() => {}, 1000)\nconsole.log('up')\n",
    )
    const running = start(join(clone, 'certwright'), [], { environment })
    await running.line(/^up$/)
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 9, signal: null })
  })
})
