import { canRunOnAccount, type Fact } from '../aws/fact.ts'
import type { Account } from './account.ts'
import type { Options } from './options.ts'
import type { Rehearsal } from './rehearsal.ts'

/** The facts that are tried, in their order. */
export function choose(facts: readonly Fact[], { subnets, only }: Pick<Options, 'subnets' | 'only'>): readonly Fact[] {
  const wanted = (only ?? '').toLowerCase()
  return facts
    .filter(canRunOnAccount)
    .filter((fact) => subnets.length > 0 || fact.on !== 'anywhere' || fact.needs === undefined)
    .filter(({ area, says }) => `${area} ${says}`.toLowerCase().includes(wanted))
}

/** What a run would do, in words for people, before it does anything. */
export function describePlan(options: {
  options: Options
  account: Account
  run: string
  all: readonly Fact[]
  chosen: readonly Fact[]
  rehearsal: Rehearsal
}): string[] {
  const { account, run, all, chosen, rehearsal } = options
  const { region, endpoint, subnets } = options.options
  const { zone } = account
  const open = chosen.filter(({ on }) => on === 'both readings').length
  const unable = all.filter((fact) => !canRunOnAccount(fact)).length
  const unbalanced = all.filter((fact) => fact.on === 'anywhere' && fact.needs !== undefined).length
  return [
    'What Certwright relies on in AWS, tried on a real account:',
    `  account   ${account.account}, as ${account.caller}`,
    `  region    ${region}`,
    `  zone      ${zone.name} (${zone.id})`,
    ...(endpoint === undefined ? [] : [`  endpoint  ${endpoint}, which is not AWS: nothing is recorded`]),
    `It would try ${chosen.length - open} facts and ask ${open} open questions, for about ${Math.ceil(rehearsal.milliseconds / 60_000)} minutes.`,
    `It leaves out ${unable} facts that no account can be asked${subnets.length > 0 ? '' : `, and ${unbalanced} that need a load balancer (name two subnets with --subnets)`}.`,
    `It would make these, each with ${run} in its name or names, and take them away at the end:`,
    `  ${rehearsal.certificates} public certificates, of which ${rehearsal.issued} are issued: free of charge, but each counts for a year against the account's quota of requests (5,000 as a rule, far fewer in new accounts), deleted or not`,
    `  ${rehearsal.records} records, all below ${run}.${zone.name}`,
    `  ${rehearsal.hostedZones} hosted zones below ${run}.${zone.name}, to which nothing is delegated: free of charge, as they are deleted within twelve hours`,
    `  ${rehearsal.loadBalancers} load balancers${rehearsal.loadBalancers === 0 ? '' : `, in ${subnets.join(' and ')}: charged by the hour`}`,
  ]
}
