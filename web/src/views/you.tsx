// The viewer: how they are shown, how it looks, where they are signed in, and leaving.
import { useEffect, useState } from 'preact/hooks'
import { client } from '../client'
import {
  AccountDocument,
  ChangePasswordDocument,
  DeleteAccountDocument,
  EndSessionDocument,
  UpdateProfileDocument,
  type AccountQuery,
} from '../generated/operations'
import { takeProfile } from '../state/people'
import { link, to } from '../state/route'
import { chooseTheme, theme, type Theme } from '../state/theme'
import { Area, Button, Field, Note, onSubmit, otherErrors, useAction } from '../ui/controls'
import { Avatar } from '../ui/avatar'
import { Dialog } from '../ui/dialog'
import { Icon } from '../ui/icons'
import { ago, date } from '../ui/time'
import { Screen } from './screen'
import { CopyLink } from './start'

type Viewer = NonNullable<AccountQuery['viewer']>

export function You() {
  const [viewer, setViewer] = useState<Viewer | null>(null)
  const { errors, run } = useAction()
  const load = () =>
    run(async () => {
      const { viewer } = await client.request(AccountDocument, {})
      if (viewer) takeProfile(viewer.user)
      setViewer(viewer)
    })
  useEffect(() => void load(), [])
  const problem = otherErrors(errors)
  return (
    <Screen title="You">
      {problem && <Note>{problem}</Note>}
      {viewer && (
        <>
          <Profile of={viewer} onSaved={() => void load()} />
          {viewer.user.username && (
            <section class="part">
              <h2>Your link</h2>
              <p>Whoever opens it lands in a conversation with you.</p>
              <CopyLink address={link(to.with(viewer.user.username))} label="Your link" />
            </section>
          )}
          <Look />
          <Sessions of={viewer} onChanged={() => void load()} />
          <Password />
          <Leaving />
        </>
      )}
    </Screen>
  )
}

function Profile({ of, onSaved }: { of: Viewer; onSaved: () => void }) {
  const { user } = of
  const [displayName, setDisplayName] = useState(user.displayName === user.username ? '' : user.displayName)
  const [username, setUsername] = useState(user.username ?? '')
  const [about, setAbout] = useState(user.about ?? '')
  const [isSaved, setSaved] = useState(false)
  const { isBusy, errors, run } = useAction()
  const save = async () => {
    setSaved(false)
    const input = { displayName: displayName.trim() || null, username: username.trim() || null, about: about.trim() || null }
    const isDone = await run(async () => {
      const { updateProfile } = await client.request(UpdateProfileDocument, { input })
      if (updateProfile?.viewer) takeProfile(updateProfile.viewer.user)
      return updateProfile?.errors
    })
    setSaved(isDone)
    if (isDone) onSaved()
  }
  const other = otherErrors(errors, 'displayName', 'username', 'about')
  return (
    <section class="part">
      <h2 class="hidden">Profile</h2>
      <div class="you-face">
        <Avatar id={user.id} name={user.displayName} size="large" />
        <p>
          <strong>{user.displayName}</strong>
          <span>{[user.username && `@${user.username}`, of.email, of.mobileNumber].filter(Boolean).join(' · ')}</span>
        </p>
      </div>
      <form class="form" onSubmit={onSubmit(() => void save())}>
        <Field label="Name" hint="What others see in place of your username." value={displayName} onValue={setDisplayName} error={errors['displayName']} autoComplete="name" />
        <Field label="Username" value={username} onValue={setUsername} error={errors['username']} autoComplete="username" autoCapitalize="none" spellcheck={false} />
        <Area label="About you" value={about} onValue={setAbout} error={errors['about']} rows={2} />
        {other && <Note>{other}</Note>}
        <div class="form-actions">
          <span role="status">{isSaved ? 'Saved.' : ''}</span>
          <Button look="act" type="submit" isBusy={isBusy}>
            Save
          </Button>
        </div>
      </form>
    </section>
  )
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

const Look = () => (
  <section class="part">
    <h2>Look</h2>
    <div class="segments" role="group" aria-label="Look">
      {THEMES.map(([value, label]) => (
        <button type="button" key={value} aria-pressed={theme.value === value} onClick={() => chooseTheme(value)}>
          {label}
        </button>
      ))}
    </div>
  </section>
)

function Sessions({ of, onChanged }: { of: Viewer; onChanged: () => void }) {
  const { isBusy, errors, run } = useAction()
  const end = async (id: string) => {
    if (await run(async () => (await client.request(EndSessionDocument, { id })).endSession?.errors)) onChanged()
  }
  // The device forgets its tokens also where the server cannot be told.
  const signOut = () => void client.signOut().catch(() => {})
  const problem = otherErrors(errors)
  return (
    <section class="part">
      <h2>Where you are signed in</h2>
      {problem && <Note>{problem}</Note>}
      <ul class="lines" aria-label="Sessions">
        {of.sessions.map(({ id, deviceName, createdAt, lastUsedAt, isCurrent }) => (
          <li key={id} class="line">
            <span class="line-words">
              <span class="line-title">
                {deviceName ?? 'A device without a name'}
                {isCurrent && <span class="line-where"> this one</span>}
              </span>
              <span class="line-sub">
                Since {date(createdAt)} · used {ago(lastUsedAt)}
              </span>
            </span>
            {isCurrent ? (
              <Button onClick={signOut}>
                <Icon name="out" /> Sign out
              </Button>
            ) : (
              <Button isBusy={isBusy} onClick={() => void end(id)}>
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Password() {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [isDone, setDone] = useState(false)
  const { isBusy, errors, run } = useAction()
  const change = async () => {
    setDone(false)
    const isChanged = await run(async () => {
      const { changePassword } = await client.request(ChangePasswordDocument, { input: { currentPassword: current, newPassword: next } })
      return changePassword?.errors
    })
    if (!isChanged) return
    setDone(true)
    setCurrent('')
    setNext('')
  }
  const other = otherErrors(errors, 'currentPassword', 'newPassword')
  return (
    <section class="part">
      <h2>Password</h2>
      <form class="form" onSubmit={onSubmit(() => void change())}>
        <Field label="Current password" type="password" value={current} onValue={setCurrent} error={errors['currentPassword']} autoComplete="current-password" />
        <Field
          label="New password"
          hint="Your other devices are signed out."
          type="password"
          value={next}
          onValue={setNext}
          error={errors['newPassword']}
          autoComplete="new-password"
        />
        {other && <Note>{other}</Note>}
        <div class="form-actions">
          <span role="status">{isDone ? 'Changed.' : ''}</span>
          <Button type="submit" isBusy={isBusy} disabled={!current || !next}>
            Change password
          </Button>
        </div>
      </form>
    </section>
  )
}

function Leaving() {
  const [isAsked, setAsked] = useState(false)
  const [password, setPassword] = useState('')
  const { isBusy, errors, run } = useAction()
  const leave = () =>
    void run(async () => {
      const { deleteAccount } = await client.request(DeleteAccountDocument, { input: { password } })
      if (deleteAccount && deleteAccount.errors.length === 0) await client.signOut().catch(() => {})
      return deleteAccount?.errors
    })
  const other = otherErrors(errors, 'password')
  return (
    <section class="part">
      <h2>Leave for good</h2>
      <p>Your account goes at once, and cannot be had back. What you have said stays, under “Deleted User”.</p>
      <Button look="alert" onClick={() => setAsked(true)}>
        Delete my account
      </Button>
      {isAsked && (
        <Dialog title="Delete your account?" onClose={() => setAsked(false)}>
          <form class="form" onSubmit={onSubmit(leave)}>
            <Field label="Your password" type="password" value={password} onValue={setPassword} error={errors['password']} autoComplete="current-password" />
            {other && <Note>{other}</Note>}
            <div class="dialog-actions">
              <Button onClick={() => setAsked(false)}>Cancel</Button>
              <Button look="alert" type="submit" isBusy={isBusy}>
                Delete for good
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </section>
  )
}
