// What the page takes over from the answers of mutations, so that its tabs can be run one after the other.
import type { ExecutionResult } from 'graphql'
import { conversation, token } from './kept'

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** The first answer in which there is text at this path. */
const first = (answers: unknown[], ...path: string[]): string | undefined =>
  answers.map((answer) => path.reduce(field, answer)).find((found) => typeof found === 'string')

/** Takes over the token of who has registered or signed in, and the conversation that was opened or made. */
export const learn = ({ data }: ExecutionResult): void => {
  const answers = Object.values(data ?? {})
  const foundToken = first(answers, 'tokens', 'accessToken')
  const foundConversation = first(answers, 'conversation', 'id')
  if (foundToken !== undefined) token.set(foundToken)
  if (foundConversation !== undefined) conversation.set(foundConversation)
}
