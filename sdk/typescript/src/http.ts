import { textOf, type TypedDocument } from './document.js'
import { ConnectionError, errorsIn, refusal } from './errors.js'

/** How requests reach the server. */
export interface Http {
  url: string
  fetch: typeof fetch
  /** How long an answer may take, in milliseconds. */
  timeout: number
}

/** What goes with one request. */
export interface Post {
  token: string | null
  signal?: AbortSignal | undefined
}

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9'

const isObject = (value: unknown): value is { data?: unknown } => typeof value === 'object' && value !== null

const textFrom = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Sends one operation. Throws `NatterjackError` where the answer has errors, `ConnectionError` where there is none. */
export const post = async <Data, Variables>(
  http: Http,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
  { token, signal }: Post,
): Promise<Data> => {
  const limit = AbortSignal.timeout(http.timeout)
  let response: Response
  let answer: unknown
  try {
    response = await http.fetch(http.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: ACCEPT,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query: textOf(document), variables }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
    answer = await textFrom(response)
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const why = limit.aborted ? `no answer within ${http.timeout} ms` : 'the server cannot be reached'
    throw new ConnectionError(why, { cause })
  }
  const errors = errorsIn(answer)
  const data = isObject(answer) ? answer.data : undefined
  if (errors.length > 0) throw refusal(errors, { data, requestId: response.headers.get('x-request-id') })
  if (!isObject(data))
    throw new ConnectionError(`an answer that is none, ${response.status}`, { status: response.status })
  // The server answers what the document asks for; that this is of the schema's types is the generator's word.
  return data as Data
}
