// What went wrong, in words for the person who reads them.
import { ConnectionError, NatterjackError } from '@natterjack/client'

export interface Problem {
  readonly code: string
  readonly field?: readonly string[] | null
  readonly message: string
}

const seconds = (count: number): string =>
  count < 90 ? `${count} ${count === 1 ? 'second' : 'seconds'}` : `${Math.ceil(count / 60)} minutes`

/** A sentence: begins with a capital, ends with a stop. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  const ended = /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`
  return ended.charAt(0).toUpperCase() + ended.slice(1)
}

export function inWords(error: unknown): string {
  if (error instanceof ConnectionError) return 'The server does not answer. Try again in a moment.'
  if (error instanceof NatterjackError) {
    switch (error.code) {
      case 'RATE_LIMITED':
        return `That was tried too often. Try again in ${seconds(error.retryAfter ?? 5)}.`
      case 'UNAVAILABLE':
        return 'The server cannot reach its store at the moment. Try again soon.'
      case 'UNAUTHENTICATED':
        return 'You are signed out. Sign in again.'
      case 'INTERNAL':
        return `The server has made a mistake${error.requestId ? ` (${error.requestId})` : ''}.`
      default:
        return sentence(error.message)
    }
  }
  return 'That did not work. Try again.'
}

/** What is wrong with which field of a form; what is no field's stands under the empty name. */
export function byField(problems: readonly Problem[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const { field, message } of problems) fields[field?.at(-1) ?? ''] ??= sentence(message)
  return fields
}
