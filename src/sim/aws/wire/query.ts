/** The parameters of an awsQuery call: `Tags.member.1.Key=a` and so on, read by path. */
export class QueryInput {
  readonly #form: URLSearchParams
  readonly #prefix: string

  constructor(form: URLSearchParams, prefix = '') {
    this.#form = form
    this.#prefix = prefix
  }

  text(name: string): string | undefined {
    return this.#form.get(this.#prefix + name) ?? undefined
  }

  number(name: string): number | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : Number(text)
  }

  /** Whether a parameter of this name or below it was given. */
  has(name: string): boolean {
    const path = this.#prefix + name
    return [...this.#form.keys()].some((key) => key === path || key.startsWith(`${path}.`))
  }

  /** A list of texts: `name.member.1`, `name.member.2`, … */
  texts(name: string): string[] {
    return this.#indices(name).map((index) => this.#form.get(`${this.#prefix}${name}.member.${index}`) ?? '')
  }

  /** A list of structures: `name.member.1.…`, `name.member.2.…`, … */
  members(name: string): QueryInput[] {
    return this.#indices(name).map((index) => new QueryInput(this.#form, `${this.#prefix}${name}.member.${index}.`))
  }

  #indices(name: string): number[] {
    const prefix = `${this.#prefix}${name}.member.`
    const indices = new Set<number>()
    for (const key of this.#form.keys()) {
      if (key.startsWith(prefix)) indices.add(Number.parseInt(key.slice(prefix.length), 10))
    }
    return [...indices].filter((index) => index > 0).sort((a, b) => a - b)
  }
}
