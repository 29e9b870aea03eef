import { LOADS, measure } from './measure.ts'
import { playSituation } from './play.ts'
import type { Situation } from './situation.ts'
import { SITUATIONS } from './situations.ts'
import { type Finding, MINUTE } from './trial.ts'

/** Puts the reference and Certwright into the same situations and the same loads, and prints what the laws say of each. All times are virtual. */
async function main(): Promise<void> {
  console.log('A name that is not served breaks L1 or L3 after 20 min, a record that is missing D3 after 65.')
  console.log('')
  console.log(row(['defect', 'what happens', 'what the reference makes of it', 'law', 'after', 'Certwright']))
  console.log(row(['---', '---', '---', '---', '---', '---']))
  let unexpected = 0
  for (const situation of SITUATIONS) {
    const named = namedBy(situation, await playSituation(situation, 'reference'))
    const [own] = await playSituation(situation, 'certwright')
    if (!named || own) unexpected += 1
    const { defect, story, outcome, law } = situation
    const after = named ? `${(named.at / MINUTE).toFixed(0)} min` : 'never'
    console.log(row([defect, story, outcome, law, after, own ? `breaks ${own.law}: ${own.sentence}` : 'holds all']))
  }
  console.log('')
  console.log('Calls are those to ACM, Route 53 and the tagging API.')
  console.log('')
  console.log(row(['from nothing, issuance 120 s', 'reference', 'Certwright', 'time', 'calls']))
  console.log(row(['---', '---', '---', '---', '---']))
  for (const load of LOADS) {
    const [reference, certwright] = [await measure(load, 'reference'), await measure(load, 'certwright')]
    const where = load.together ? 'on one load balancer' : 'on one load balancer each'
    console.log(
      row([
        load.certificates === 1 ? '1 certificate' : `${load.certificates} certificates ${where}`,
        `${reference.seconds} s, ${reference.calls} calls`,
        `${certwright.seconds} s, ${certwright.calls} calls`,
        `${(reference.seconds / certwright.seconds).toFixed(1)} : 1`,
        `${(reference.calls / certwright.calls).toFixed(1)} : 1`,
      ]),
    )
  }
  if (unexpected > 0) process.exitCode = 1
}

/** The first breach of the situation's law that names what it is about. */
function namedBy({ law, names }: Situation, findings: readonly Finding[]): Finding | undefined {
  return findings.find((finding) => finding.law === law && finding.sentence.includes(names))
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

await main()
