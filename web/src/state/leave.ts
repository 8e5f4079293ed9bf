// Nothing of one person is left for the next.
import { forgetAll } from './conversations'
import { home } from './live'
import { moreAfter, notifications, unseen } from './notifications'
import { emptyOutbox } from './outbox'
import { forgetPeople } from './people'

export function leave(): void {
  emptyOutbox()
  forgetAll()
  forgetPeople()
  notifications.value = null
  moreAfter.value = null
  unseen.value = 0
  home.value = 'loading'
}
