// The one client of the server, and who is signed in.
import { createClient, webStorage, type ConnectionState, type OutgoingMessage, type Session } from '@natterjack/client'
import { signal } from '@preact/signals'

export const client = createClient({ url: new URL('graphql', document.baseURI).href, storage: webStorage() })

export const session = signal<Session | null>(client.session)
client.onSession((changed) => (session.value = changed))

export const connection = signal<ConnectionState>(client.connection)
client.onConnection((state) => (connection.value = state))

const BROWSERS = [
  ['Firefox', /Firefox\//],
  ['Edge', /Edg\//],
  ['Opera', /OPR\//],
  ['Chrome', /Chrome\//],
  ['Safari', /Safari\//],
] as const

const SYSTEMS = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['macOS', /Mac OS/],
  ['Windows', /Windows/],
  ['Linux', /Linux/],
] as const

const named = (names: readonly (readonly [string, RegExp])[]): string | undefined =>
  names.find(([, pattern]) => pattern.test(navigator.userAgent))?.[0]

/** What this device calls itself in the list of sessions. */
const deviceName = [named(BROWSERS) ?? 'Browser', named(SYSTEMS)].filter(Boolean).join(' on ')

export const register = (username: string, password: string): Promise<Session> => client.register({ username, password, deviceName })
export const signIn = (username: string, password: string): Promise<Session> => client.signIn({ username, password, deviceName })

/** An email has an @; a number has not. */
const recipient = (contact: string) => (contact.includes('@') ? { email: contact } : { mobileNumber: contact })

export const requestCode = async (contact: string): Promise<string | null> => (await client.requestCode(recipient(contact))).code
export const signInWithCode = (contact: string, code: string): Promise<Session> =>
  client.signInWithCode({ to: recipient(contact), code, deviceName })

// What was written is sent however long the line is away, as long as the tab is there: a day, in milliseconds.
const SEND_FOR = 24 * 60 * 60 * 1000

/** Answers the place that the message has in its conversation. */
export async function sendMessage(message: OutgoingMessage & { clientId: string }, signal: AbortSignal): Promise<number> {
  return (await client.sendMessage(message, { retryFor: SEND_FOR, signal })).message.seq
}
