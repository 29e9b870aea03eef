import { resolveSettings, type Settings } from '../../config.ts'
import type { Scenario } from './scenario.ts'
import type { Flag } from './steps.ts'

/** The flags with which the program is started, as they change. */
export class ProgramSettings {
  readonly #scenario: Scenario
  readonly #flags: Map<string, Flag>
  readonly #tells: boolean
  #leaseMs: number

  /** `tells`: the program logs all that it has to say. */
  constructor(scenario: Scenario, tells: boolean) {
    this.#scenario = scenario
    this.#flags = new Map(Object.entries(scenario.flags))
    this.#tells = tells
    this.#leaseMs = scenario.leaseMs
  }

  /** `null` takes a flag away. */
  change(flags: Readonly<Record<string, Flag | null>>): void {
    for (const [name, value] of Object.entries(flags)) {
      if (value === null) this.#flags.delete(name)
      else this.#flags.set(name, value)
    }
  }

  lease(milliseconds: number): void {
    this.#leaseMs = milliseconds
  }

  /** Whether names are held to the policies. */
  get enforces(): boolean {
    return this.#flags.get('policy-mode') === 'enforce'
  }

  /** @throws UsageError as the command line would. */
  get current(): Settings {
    const { retireAfter, retireBrake, namesPerCertificate, certificatesPerLoadBalancer } = this.#scenario
    return resolveSettings({
      flags: {
        'cluster-name': 'simulation',
        'log-level': this.#tells ? 'debug' : 'error',
        'log-format': 'text',
        'retire-after': `${retireAfter / 1_000}s`,
        'retire-brake': retireBrake ? 'on' : 'off',
        'lease-duration': `${this.#leaseMs / 1_000}s`,
        'lease-renew-interval': `${this.#leaseMs / 6_000}s`,
        'max-names-per-certificate': String(namesPerCertificate),
        'certificates-per-load-balancer': String(certificatesPerLoadBalancer),
        ...Object.fromEntries(this.#flags),
      },
    })
  }
}
