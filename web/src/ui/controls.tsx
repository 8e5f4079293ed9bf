// What every screen is made of: buttons, fields with their errors, notes.
import type { ComponentChildren, JSX, Ref } from 'preact'
import { useId, useState } from 'preact/hooks'
import { byField, inWords, type Problem } from '../wording'
import { Icon, type IconName } from './icons'

interface ButtonProps extends Omit<JSX.IntrinsicElements['button'], 'ref' | 'class' | 'icon'> {
  readonly look?: 'act' | 'quiet' | 'plain' | 'alert'
  readonly isBusy?: boolean
  readonly children?: ComponentChildren
}

export const Button = ({ look = 'plain', isBusy = false, children, ...rest }: ButtonProps) => (
  <button type="button" {...rest} class={`button button-${look}`} aria-busy={isBusy} disabled={rest.disabled || isBusy}>
    {children}
  </button>
)

interface IconButtonProps extends Omit<JSX.IntrinsicElements['button'], 'ref' | 'class' | 'icon' | 'label'> {
  readonly icon: IconName
  readonly label: string
  readonly buttonRef?: Ref<HTMLButtonElement>
}

export const IconButton = ({ icon, label, buttonRef, ...rest }: IconButtonProps) => (
  <button type="button" {...rest} ref={buttonRef ?? null} class="icon-button" aria-label={label} title={label}>
    <Icon name={icon} />
  </button>
)

export const IconLink = ({ icon, label, href }: { icon: IconName; label: string; href: string }) => (
  <a class="icon-button" href={href} aria-label={label} title={label}>
    <Icon name={icon} />
  </a>
)

interface Inputs {
  readonly name?: string
  readonly placeholder?: string
  readonly autoComplete?: string
  readonly autoCapitalize?: 'none'
  readonly autoFocus?: boolean
  readonly spellcheck?: boolean
  readonly inputMode?: 'email' | 'numeric'
  readonly maxLength?: number
  readonly required?: boolean
}

interface FieldProps extends Inputs {
  readonly type?: 'text' | 'search' | 'password'
  readonly label: string
  readonly hint?: ComponentChildren
  readonly error?: string | undefined
  readonly value: string
  readonly onValue: (value: string) => void
}

export function Field({ label, hint, error, value, onValue, type = 'text', ...rest }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...rest}
        id={id}
        // The types of attributes are one set for each type of input; all that are here are in each.
        type={type as 'text'}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        {...noted(id, hint, error)}
      />
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  )
}

interface AreaProps {
  readonly label: string
  readonly hint?: string
  readonly error?: string | undefined
  readonly value: string
  readonly rows?: number
  readonly onValue: (value: string) => void
}

export function Area({ label, hint, error, value, rows = 3, onValue }: AreaProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        {...noted(id, hint, error)}
      />
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  )
}

/** Which note of `FieldNotes` says more about the input of that id. */
const noted = (id: string, hint: ComponentChildren, error: string | undefined) => ({
  'aria-invalid': Boolean(error),
  'aria-describedby': error ? `${id}-error` : hint ? `${id}-hint` : undefined,
})

const FieldNotes = ({ id, hint, error }: { id: string; hint?: ComponentChildren; error?: string | undefined }) =>
  error ? (
    <p class="field-error" id={`${id}-error`} role="alert">
      {error}
    </p>
  ) : hint ? (
    <p class="field-hint" id={`${id}-hint`}>
      {hint}
    </p>
  ) : null

export const Note = ({ children }: { children: ComponentChildren }) => (
  <p class="note" role="alert">
    <Icon name="alert" />
    <span>{children}</span>
  </p>
)

/** Runs what a form or a button does: busy meanwhile, and what came of it by field. What is no field's stands under `''`. */
export function useAction() {
  const [isBusy, setBusy] = useState(false)
  const [errors, setErrors] = useState<Record<string, string>>({})
  /** True where it went well. `work` gives the problems that the server has named, or throws; what is aborted meanwhile tells nothing. */
  const run = async (work: () => Promise<readonly Problem[] | null | undefined | void>, signal?: AbortSignal): Promise<boolean> => {
    setBusy(true)
    try {
      const found = byField((await work()) ?? [])
      if (signal?.aborted) return false
      setErrors(found)
      return Object.keys(found).length === 0
    } catch (error) {
      if (!signal?.aborted) setErrors(problemsOf(error))
      return false
    } finally {
      // What has taken its place is busy still.
      if (!signal?.aborted) setBusy(false)
    }
  }
  return { isBusy, errors, run, clear: () => setErrors({}) }
}

function problemsOf(error: unknown): Record<string, string> {
  const field = (error as { field?: unknown } | null)?.field
  const last = Array.isArray(field) ? (field.at(-1) as unknown) : undefined
  return { [typeof last === 'string' ? last : '']: inWords(error) }
}

/** What went wrong with none of the fields that are shown. */
export function otherErrors(errors: Record<string, string>, ...shown: readonly string[]): string | null {
  const others = Object.entries(errors).filter(([field]) => !shown.includes(field))
  return others.length > 0 ? others.map(([, message]) => message).join(' ') : null
}

export const onSubmit = (work: () => void) => (event: Event) => {
  event.preventDefault()
  work()
}
