// Moments as people say them, in the browser's own language.
import { signal } from '@preact/signals'

const language = navigator.languages as string[]
const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(language, { weekday: 'short' })
const longDay = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' })
const shortDate = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' })
const dateWithYear = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric' })
const full = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short' })

const DAY = 86_400_000

/** Moves on each minute, so that "2 minutes ago" does. */
export const now = signal(Date.now())
setInterval(() => (now.value = Date.now()), 60_000)

export const dayOf = (iso: string): string => new Date(iso).toDateString()

const daysAgo = (moment: Date): number => {
  const midnight = new Date(now.value)
  midnight.setHours(0, 0, 0, 0)
  return Math.ceil((midnight.getTime() - moment.getTime()) / DAY)
}

export const timeOfDay = (iso: string): string => clock.format(new Date(iso))
export const fullTime = (iso: string): string => full.format(new Date(iso))
export const date = (iso: string): string => dateWithYear.format(new Date(iso))

/** For a list: the time of today, else the day. */
export function brief(iso: string): string {
  const moment = new Date(iso)
  const days = daysAgo(moment)
  if (days <= 0) return clock.format(moment)
  if (days === 1) return 'Yesterday'
  if (days < 7) return weekday.format(moment)
  return moment.getFullYear() === new Date(now.value).getFullYear() ? shortDate.format(moment) : dateWithYear.format(moment)
}

/** For the line between two days. */
export function dayName(iso: string): string {
  const moment = new Date(iso)
  const days = daysAgo(moment)
  if (days <= 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return moment.getFullYear() === new Date(now.value).getFullYear() ? longDay.format(moment) : dateWithYear.format(moment)
}

/** How long ago. */
export function ago(iso: string): string {
  const minutes = Math.floor((now.value - new Date(iso).getTime()) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} h ago`
  return brief(iso)
}
