// What a group tells of itself, in a sentence.
import type { Role } from '../generated/operations'
import { viewerId } from '../state/conversations'
import { nameOf } from '../state/people'
import type { Message } from '../state/timeline'

const ROLES: Record<Role, string> = { OWNER: 'the owner', ADMIN: 'an admin', MEMBER: 'a member' }

export const roleName = (role: Role): string => ({ OWNER: 'Owner', ADMIN: 'Admin', MEMBER: 'Member' })[role]

export function noticeText({ notice }: Message): string {
  if (!notice) return ''
  const { actor, subject, kind, name, role } = notice
  const isViewer = (who: typeof actor) => who?.id === viewerId.value
  const who = isViewer(actor) ? 'You' : actor ? nameOf(actor) : 'Somebody'
  const whom = isViewer(subject) ? 'you' : subject ? nameOf(subject) : 'somebody'
  const isSelf = !actor || !subject || actor.id === subject.id
  switch (kind) {
    case 'CONVERSATION_CREATED':
      return `${who} made ${name ? `“${name}”` : 'this group'}`
    case 'CONVERSATION_CHANGED':
      return name ? `${who} named it “${name}”` : `${who} changed how it shows itself`
    case 'MEMBER_INVITED':
      return `${who} invited ${whom}`
    case 'MEMBER_JOINED':
      return isSelf ? `${subject ? (isViewer(subject) ? 'You' : nameOf(subject)) : who} came in` : `${who} let ${whom} in`
    case 'MEMBER_LEFT':
      return `${subject ? (isViewer(subject) ? 'You' : nameOf(subject)) : who} left`
    case 'MEMBER_REMOVED':
      return `${who} took ${whom} out`
    case 'MESSAGE_PINNED':
      return `${who} pinned a message`
    case 'ROLE_CHANGED':
      return `${who} made ${whom} ${role ? ROLES[role] : 'somebody else'}`
  }
}
