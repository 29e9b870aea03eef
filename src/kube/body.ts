import type { KubeResponse } from './transport.ts'

/** Reads a body to its end as UTF-8 text. */
export async function readText(response: KubeResponse): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}
