import { describe, expect, it } from 'vitest'
import { certwright } from './process.ts'

const ARN = 'arn:aws:acm:eu-central-1:111122223333:certificate/1'
const CLUSTER = ['--cluster-name', 'production']

describe.concurrent('certwright adopt', () => {
  it.each([
    [[ARN], '--cluster-name is missing'],
    [[...CLUSTER], 'is to adopt nothing'],
    [[...CLUSTER, 'arn:aws:acm'], 'is not the ARN of a certificate'],
    [[...CLUSTER, '--owner', 'me'], 'is no owner'],
    [[...CLUSTER, '--ownr', 'me'], 'did you mean --owner?'],
    [[...CLUSTER, '--kubeconfig', '/nonexistent/kubeconfig', ARN], '/nonexistent/kubeconfig'],
  ])('ends with 2 and one sentence for %j', async (words, sentence) => {
    const { code, stdout, stderr } = await certwright(['adopt', ...words])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('shows in its help how it is called', async () => {
    const { code, stdout } = await certwright(['help', 'adopt'])
    expect(code).toBe(0)
    expect(stdout).toContain('certwright adopt [flags] [arn...]')
    expect(stdout).toContain('--yes')
  })
})
