// The frame around everything: where to go, the list of conversations, and what is open.
import { useEffect } from 'preact/hooks'
import { listed, unreadInAll } from '../state/conversations'
import { home } from '../state/live'
import { unseen } from '../state/notifications'
import { route, to, type Route } from '../state/route'
import { atMost } from '../ui/count'
import { Icon, Mark, type IconName } from '../ui/icons'
import { Bell } from './bell'
import { ConnectionBanner } from './banner'
import { ConversationScreen } from './conversation'
import { ConversationList } from './list'
import { NewGroup } from './group'
import { Rooms } from './rooms'
import { Screen } from './screen'
import { Search } from './search'
import { FindPeople, Start, With } from './start'
import { You } from './you'

interface RailItem {
  readonly at: Route['at']
  readonly href: string
  readonly icon: IconName
  readonly label: string
  readonly count?: number
}

function Rail() {
  const here = route.value.at
  const items: readonly RailItem[] = [
    { at: 'start', href: to.start, icon: 'chats', label: 'Chats', count: unreadInAll.value },
    { at: 'rooms', href: to.rooms, icon: 'rooms', label: 'Rooms' },
    { at: 'search', href: to.search, icon: 'search', label: 'Search' },
    { at: 'bell', href: to.bell, icon: 'bell', label: 'Notifications', count: unseen.value },
    { at: 'you', href: to.you, icon: 'you', label: 'You' },
  ]
  return (
    <nav class="rail" aria-label="Main">
      <a class="rail-brand" href={to.start} aria-label="natterjack">
        <Mark />
      </a>
      {items.map(({ at, href, icon, label, count = 0 }) => (
        <a
          key={at}
          class="rail-item"
          href={href}
          aria-current={here === at || (at === 'start' && (here === 'conversation' || here === 'new' || here === 'group')) ? 'page' : undefined}
        >
          <Icon name={icon} />
          <span class="rail-label">{label}</span>
          {count > 0 && (
            <span class="badge">
              {atMost(count)}
              <span class="hidden"> new</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  )
}

const TITLES: Partial<Record<Route['at'], string>> = {
  new: 'New conversation',
  group: 'New group',
  rooms: 'Rooms',
  search: 'Search',
  bell: 'Notifications',
  you: 'You',
}

function Main() {
  const { value: here } = route
  switch (here.at) {
    case 'conversation':
      return <ConversationScreen key={here.id} id={here.id} panel={here.panel} messageId={here.messageId} />
    case 'with':
      return <With key={here.username} username={here.username} />
    case 'new':
      return (
        <Screen title="New conversation" back={to.start}>
          <FindPeople autoFocus />
          <a class="button button-plain" href={to.group}>
            <Icon name="people" /> Make a group instead
          </a>
        </Screen>
      )
    case 'group':
      return <NewGroup />
    case 'rooms':
      return <Rooms />
    case 'search':
      return <Search />
    case 'bell':
      return <Bell />
    case 'you':
      return <You />
    case 'start':
      return <Start isFirst={listed.value.length === 0} />
  }
}

export function Shell() {
  const here = route.value
  const isEmpty = home.value === 'ready' && listed.value.length === 0
  useEffect(() => {
    const title = TITLES[here.at]
    const count = unreadInAll.value
    if (here.at !== 'conversation') document.title = `${count > 0 ? `(${atMost(count)}) ` : ''}${title ? `${title} · ` : ''}natterjack`
  })
  // On a phone either the list or what is open is seen; with nothing in the list, how to begin.
  const view = here.at === 'start' && !isEmpty ? 'list' : here.at === 'conversation' || here.at === 'with' ? 'talk' : 'screen'
  return (
    <div class="shell" data-view={view}>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById('main')?.focus())}>
        Skip to what is open
      </a>
      <Rail />
      <ConversationList />
      <main id="main" class="main" tabIndex={-1}>
        <ConnectionBanner />
        <Main />
      </main>
    </div>
  )
}
