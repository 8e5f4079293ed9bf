// Light or dark: as the system has it, or as was chosen on this device.
import { signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

const KEPT = 'natterjack.theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

function kept(): Theme {
  try {
    const found = localStorage.getItem(KEPT)
    return found === 'light' || found === 'dark' ? found : 'system'
  } catch {
    return 'system'
  }
}

export const theme = signal<Theme>(kept())

export function applyTheme(): void {
  const isDark = theme.value === 'dark' || (theme.value === 'system' && dark.matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
}

dark.addEventListener('change', applyTheme)

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen
  try {
    if (chosen === 'system') localStorage.removeItem(KEPT)
    else localStorage.setItem(KEPT, chosen)
  } catch {
    // Then it is as chosen until the page is closed.
  }
  applyTheme()
}
