// Who there is, as far as it was told: names and presence, each in one place, so that a new name shows everywhere at once.
import { signal, type Signal } from '@preact/signals'
import type { PersonFragment, ProfileFragment } from '../generated/operations'

export interface Person extends PersonFragment {
  readonly about: string | null
  readonly isBlockedByViewer: boolean
  readonly isOnline: boolean
  readonly lastSeenAt: string | null
}

const people = new Map<string, Signal<Person>>()

const unknown = (told: PersonFragment): Person => ({
  ...told,
  about: null,
  isBlockedByViewer: false,
  isOnline: false,
  lastSeenAt: null,
})

/** Takes in a name where the person is not known yet. What a message says of its author may be older than what is known. */
export function meet(told: PersonFragment): Signal<Person> {
  let held = people.get(told.id)
  if (!held) people.set(told.id, (held = signal(unknown(told))))
  return held
}

export function takeProfile({ presence, ...told }: ProfileFragment): void {
  const held = meet(told)
  held.value = { ...told, isOnline: presence.isOnline, lastSeenAt: presence.lastSeenAt }
}

export function takePresence(id: string, presence: { readonly isOnline: boolean; readonly lastSeenAt: string | null }): void {
  const held = people.get(id)
  if (held) held.value = { ...held.value, isOnline: presence.isOnline, lastSeenAt: presence.lastSeenAt }
}

/** The person as they are now known; null for one who was never told of. */
export function person(id: string | null | undefined): Person | null {
  return (id && people.get(id)?.value) || null
}

export const nameOf = (told: PersonFragment): string => meet(told).value.displayName

export const forgetPeople = (): void => people.clear()
