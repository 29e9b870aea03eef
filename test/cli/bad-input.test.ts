import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certwright } from './process.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certwright-input-'))
  await writeFile(join(directory, 'kubeconfig'), KUBECONFIG)
  const head = 'apiVersion: certwright.dev/v1alpha1\nkind: Configuration\n'
  await writeFile(join(directory, 'typo.yaml'), `${head}cluster-name: a\nretireAfterr: 1h\n`)
  await writeFile(join(directory, 'unknown.yaml'), `${head}cluster-name: a\nfavourite-colour: blue\n`)
  await writeFile(join(directory, 'value.yaml'), `${head}cluster-name: a\nretire-after: 24\n`)
  await writeFile(join(directory, 'empty-value.yaml'), `${head}cluster-name: a\nregion:\n`)
  await writeFile(join(directory, 'list.yaml'), `${head}cluster-name: a\nhosted-zone: [example.com=Z1, example.org]\n`)
  await writeFile(join(directory, 'broken.yaml'), `${head}cluster-name: "a\n`)
  await writeFile(join(directory, 'twice.yaml'), `${head}cluster-name: a\ncluster-name: b\n`)
  await writeFile(join(directory, 'kind.yaml'), 'apiVersion: certwright.dev/v1alpha1\nkind: Config\n')
  await writeFile(join(directory, 'version.json'), '{ "apiVersion": "certwright.dev/v2", "kind": "Configuration" }')
  await writeFile(join(directory, 'bare.yaml'), 'cluster-name: a\n')
  await writeFile(join(directory, 'nothing.yaml'), '')
})
afterAll(() => rm(directory, { recursive: true }))

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'http://127.0.0.1:1' } }]
users: [{ name: u, user: {} }]
contexts: [{ name: blue, context: { cluster: c, user: u } }, { name: green, context: { cluster: c, user: u } }]
current-context: blue
`

const named = ['run', '--cluster-name', 'try']
const configured = (file: string) => ['run', '--config', file]

/** What is typed, and the one sentence that comes back. The commands run in a directory that holds the files above. */
const WRONG: readonly (readonly [string, readonly string[], string])[] = [
  ['an unknown command', ['rnu'], 'there is no command "rnu": did you mean run?'],
  ['a command like no other', ['frobnicate'], `there is no command "frobnicate": see 'certwright help' for all.`],
  ['help of an unknown command', ['help', 'sandbocks'], 'there is no command "sandbocks": did you mean sandbox?'],
  [
    'an unknown flag',
    [...named, '--retire-aftr=1h'],
    'certwright run has no flag "--retire-aftr=1h": did you mean --retire-after?',
  ],
  [
    'a flag like no other',
    [...named, '--colour'],
    `certwright run has no flag "--colour": see 'certwright run --help' for all.`,
  ],
  [
    'a flag before the command',
    ['--seed', '1', 'sandbox'],
    `certwright has no flag "--seed": see 'certwright --help' for all.`,
  ],
  ['an argument too many', [...named, 'now'], 'certwright run takes no argument, but was given "now": remove it.'],
  ['no cluster name', ['run'], '--cluster-name is missing, and there is no default for it: add --cluster-name <name>.'],
  [
    'a cluster name that no tag can hold',
    ['run', '--cluster-name', 'a*b'],
    '--cluster-name has the value "a*b", which is not a legal value of an ACM tag: use letters, digits, spaces and _ . : / = + - @ only.',
  ],
  [
    'a cluster name that is too long',
    ['run', '--cluster-name', 'é'.repeat(257)],
    `--cluster-name has the value "${'é'.repeat(79)}…", which is longer than the 256 characters of an ACM tag: shorten it.`,
  ],
  [
    'an empty cluster name',
    ['run', '--cluster-name='],
    '--cluster-name has the value "", which is empty: give a value or leave the setting out.',
  ],
  ['a flag without its value', [...named, '--settle'], '--settle needs a value: write --settle <duration>.'],
  [
    'a flag in place of a value',
    [...named, '--settle', '--region=eu-west-1'],
    '--settle needs a value: write --settle <duration>.',
  ],
  [
    'a malformed duration',
    [...named, '--retire-after', '1 day'],
    '--retire-after has the value "1 day", which is not a duration: write it like 24h, 90s or 1h30m.',
  ],
  [
    'a duration without a unit',
    [...named, '--retire-after', '24'],
    '--retire-after has the value "24", which is not a duration: write it like 24h, 90s or 1h30m.',
  ],
  [
    'a duration that is too short',
    [...named, '--record-check-interval', '10ms'],
    '--record-check-interval has the value "10ms", which is too short: give at least 1s.',
  ],
  [
    'a share above 1',
    [...named, '--quota-share', '80'],
    '--quota-share has the value "80", which is not a share: write it like 80% or 0.8, above 0 and at most 1.',
  ],
  [
    'a share of nothing',
    [...named, '--quota-share', '0%'],
    '--quota-share has the value "0%", which is not a share: write it like 80% or 0.8, above 0 and at most 1.',
  ],
  [
    'a brake that is neither on nor off',
    [...named, '--retire-brake', 'maybe'],
    '--retire-brake has the value "maybe", which is neither: write on or off.',
  ],
  [
    'a count that is none',
    [...named, '--max-names-per-certificate', '0'],
    '--max-names-per-certificate has the value "0", which is not a whole number from 1 to 100: give one.',
  ],
  [
    'a region that is none',
    [...named, '--region', 'Frankfurt'],
    '--region has the value "Frankfurt", which is not an AWS region: write it like eu-central-1.',
  ],
  [
    'a zone without an id',
    [...named, '--hosted-zone', 'example.com'],
    '--hosted-zone has the value "example.com", which is not a hosted zone: write it like example.com=Z0123456789.',
  ],
  [
    'two zones for one name',
    [...named, '--hosted-zone', 'example.com=Z1', '--hosted-zone', 'example.com=Z2'],
    '--hosted-zone has the value ["example.com=Z1","example.com=Z2"], which names two zones for example.com (Z1 and Z2): keep one of them.',
  ],
  [
    'a level that is none',
    [...named, '--log-level', 'loud'],
    '--log-level has the value "loud", which is not one of debug, info, warn or error: give one of these.',
  ],
  [
    'an address that is none',
    [...named, '--metrics-address', '8080'],
    '--metrics-address has the value "8080", which is not an address to listen on: write it like :8080, 127.0.0.1:8080 or [::1]:8080, or 0 for none.',
  ],
  [
    'a lease too short to fence a write',
    [...named, '--lease-duration', '13s'],
    '--lease-duration has the value "13s", which is too short for a renewal every 5s and a write of up to 8s: give more than 13s.',
  ],
  [
    'a configuration file that is not there',
    configured('missing.yaml'),
    'the configuration file missing.yaml of --config does not exist: correct the path or leave --config out.',
  ],
  [
    'a directory for a configuration file',
    configured('.'),
    'the configuration file . of --config cannot be read (EISDIR): correct the path or leave --config out.',
  ],
  [
    'a file with a misspelt field',
    configured('typo.yaml'),
    'typo.yaml has a field "retireAfterr", which is no setting: did you mean retire-after?',
  ],
  [
    'a file with a field like no other',
    configured('unknown.yaml'),
    'unknown.yaml has a field "favourite-colour", which is no setting: remove it; the names are those of the flags without --.',
  ],
  [
    'a file with a wrong value',
    configured('value.yaml'),
    'the field retire-after of value.yaml has the value 24, which is not a duration: write it like 24h, 90s or 1h30m.',
  ],
  [
    'a file with a field without a value',
    configured('empty-value.yaml'),
    'the field region of empty-value.yaml has no value: give it one or remove the line.',
  ],
  [
    'a file with one wrong entry in a list',
    configured('list.yaml'),
    'the field hosted-zone of list.yaml has the value "example.org", which is not a hosted zone: write it like example.com=Z0123456789.',
  ],
  [
    'a file that is not YAML',
    configured('broken.yaml'),
    'broken.yaml, line 4, is not YAML or JSON: Missing closing "quote.',
  ],
  [
    'a file with a field twice',
    configured('twice.yaml'),
    'twice.yaml, line 4, is not YAML or JSON: Map keys must be unique.',
  ],
  [
    'a file of another kind',
    configured('kind.yaml'),
    'kind.yaml has kind "Config", which this version of Certwright does not read: write kind: Configuration.',
  ],
  [
    'a file of another version',
    configured('version.json'),
    'version.json has apiVersion "certwright.dev/v2", which this version of Certwright does not read: write apiVersion: certwright.dev/v1alpha1.',
  ],
  [
    'a file without a kind',
    configured('bare.yaml'),
    'bare.yaml has no apiVersion: add apiVersion: certwright.dev/v1alpha1.',
  ],
  [
    'an empty file',
    configured('nothing.yaml'),
    'nothing.yaml holds no configuration: begin it with "apiVersion: certwright.dev/v1alpha1" and "kind: Configuration" and add the settings, one a line.',
  ],
  [
    'a kubeconfig that is not there',
    [...named, '--kubeconfig', 'missing'],
    'The kubeconfig missing (from --kubeconfig) does not exist or cannot be read; name one that does with --kubeconfig.',
  ],
  [
    'a context that the kubeconfig does not have',
    [...named, '--kubeconfig', 'kubeconfig', '--context', 'red'],
    'The kubeconfig kubeconfig has no context "red"; it has "blue", "green".',
  ],
  [
    'no cluster at all',
    named,
    'No Kubernetes cluster is configured: there is neither --kubeconfig nor KUBECONFIG nor /nonexistent/.kube/config, and this is not a pod; name a kubeconfig with --kubeconfig.',
  ],
  [
    'zones that are none',
    ['sandbox', '--zones', 'example..com'],
    '--zones has the value "example..com", which is not a list of DNS names: write it like example.com,example.org.',
  ],
  [
    'a port that is none',
    ['sandbox', '--aws-port', '70000'],
    '--aws-port has the value "70000", which is not a whole number from 0 to 65535: give one.',
  ],
]

describe.concurrent('a wrong command line ends with code 2 and one sentence', () => {
  it.each(WRONG)('%s', async (_what, words, sentence) => {
    const { code, stdout, stderr } = await certwright(words, { cwd: directory })
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `certwright: ${sentence}\n` })
  })
})
