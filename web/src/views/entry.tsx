// Before anybody is signed in: one form. Who has never been here makes an account; who has comes back in, by password or by code.
import { NatterjackError } from '@natterjack/client'
import { useState } from 'preact/hooks'
import { register, requestCode, signIn, signInWithCode } from '../client'
import { route } from '../state/route'
import { Button, Field, Note, onSubmit, otherErrors, useAction } from '../ui/controls'
import { Mark } from '../ui/icons'

type Way = 'new' | 'password' | 'code'

const KNOWN = 'natterjack.known'

/** Whether somebody has signed in on this device before. */
const isKnown = (): boolean => {
  try {
    return localStorage.getItem(KNOWN) !== null
  } catch {
    return false
  }
}

const remember = (): void => {
  try {
    localStorage.setItem(KNOWN, '1')
  } catch {
    // Then the next visit begins with the form for a new account.
  }
}

export function Entry() {
  const [way, setWay] = useState<Way>(isKnown() ? 'password' : 'new')
  const invited = route.value.at === 'with' ? route.value.username : null
  return (
    <main class="entry">
      <header class="entry-brand">
        <Mark />
        <h1>natterjack</h1>
        <p>{invited ? `${invited} wants to talk with you.` : 'Talk to people. Nothing gets lost.'}</p>
      </header>
      <section class="entry-form" aria-label={way === 'new' ? 'Create an account' : 'Sign in'}>
        <div class="segments" role="group" aria-label="Account">
          <button type="button" aria-pressed={way === 'new'} onClick={() => setWay('new')}>
            I’m new here
          </button>
          <button type="button" aria-pressed={way !== 'new'} onClick={() => setWay('password')}>
            I have an account
          </button>
        </div>
        {way === 'code' ? <CodeForm /> : <PasswordForm key={way} isNew={way === 'new'} onWay={setWay} />}
        {way !== 'new' && (
          <p class="entry-other">
            {way === 'password' ? (
              <Button look="quiet" onClick={() => setWay('code')}>
                Sign in with a code instead
              </Button>
            ) : (
              <Button look="quiet" onClick={() => setWay('password')}>
                Sign in with a password instead
              </Button>
            )}
          </p>
        )}
      </section>
    </main>
  )
}

function PasswordForm({ isNew, onWay }: { isNew: boolean; onWay: (way: Way) => void }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const { isBusy, errors, run } = useAction()
  const [isTaken, setTaken] = useState(false)

  const submit = async () => {
    setTaken(false)
    await run(async () => {
      try {
        if (isNew) await register(username.trim(), password)
        else await signIn(username.trim(), password)
        remember()
        return null
      } catch (error) {
        const code = error instanceof NatterjackError ? error.code : null
        setTaken(isNew && code === 'ALREADY_TAKEN')
        // The server does not say which of the two is wrong; one looks beside the password.
        if (code === 'WRONG_CREDENTIALS') return [{ code, field: ['password'], message: 'The name and the password do not fit together.' }]
        throw error
      }
    })
  }
  const other = otherErrors(errors, 'username', 'login', 'password')
  return (
    <form onSubmit={onSubmit(() => void submit())} noValidate>
      <Field
        label={isNew ? 'Your name here' : 'Username, email or number'}
        hint={isNew ? 'Letters and digits. Others find you by it.' : undefined}
        error={errors['username'] ?? errors['login']}
        value={username}
        onValue={setUsername}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellcheck={false}
        autoFocus
        required
      />
      <Field
        label="Password"
        hint={isNew ? 'At least 8 characters.' : undefined}
        error={errors['password']}
        value={password}
        onValue={setPassword}
        name="password"
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        required
      />
      {other && <Note>{other}</Note>}
      <Button look="act" type="submit" isBusy={isBusy}>
        {isNew ? 'Create account' : 'Sign in'}
      </Button>
      {isTaken && (
        <p class="entry-other">
          Is that you?{' '}
          <Button look="quiet" onClick={() => onWay('password')}>
            Sign in
          </Button>
        </p>
      )}
    </form>
  )
}

function CodeForm() {
  const [contact, setContact] = useState('')
  const [code, setCode] = useState('')
  const [sent, setSent] = useState<{ echo: string | null } | null>(null)
  const { isBusy, errors, run } = useAction()

  const ask = () =>
    run(async () => {
      const echo = await requestCode(contact.trim())
      setSent({ echo })
    })
  const enter = () =>
    run(async () => {
      await signInWithCode(contact.trim(), code.trim())
      remember()
    })
  if (!sent) {
    return (
      <form onSubmit={onSubmit(() => void ask())} noValidate>
        <Field
          label="Email or mobile number"
          hint="We send six digits there. Without an account yet, this makes one."
          error={errors['email'] ?? errors['mobileNumber'] ?? errors['to']}
          value={contact}
          onValue={setContact}
          autoComplete="email"
          autoCapitalize="none"
          inputMode="email"
          autoFocus
        />
        {otherErrors(errors, 'email', 'mobileNumber', 'to') && <Note>{otherErrors(errors, 'email', 'mobileNumber', 'to')}</Note>}
        <Button look="act" type="submit" isBusy={isBusy}>
          Send me a code
        </Button>
      </form>
    )
  }
  return (
    <form onSubmit={onSubmit(() => void enter())} noValidate>
      <Field
        label="Code"
        hint={
          sent.echo ? (
            <>
              This server is for development and shows its codes: <strong class="echo">{sent.echo}</strong>
            </>
          ) : (
            `The six digits that were sent to ${contact}.`
          )
        }
        error={errors['code']}
        value={code}
        onValue={setCode}
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={12}
        autoFocus
      />
      {otherErrors(errors, 'code') && <Note>{otherErrors(errors, 'code')}</Note>}
      <Button look="act" type="submit" isBusy={isBusy}>
        Sign in
      </Button>
      <p class="entry-other">
        <Button look="quiet" onClick={() => setSent(null)}>
          Send another
        </Button>
      </p>
    </form>
  )
}
