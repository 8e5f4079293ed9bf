const MANY = 99

/** A number for a badge. */
export const atMost = (count: number): string => (count > MANY ? `${MANY}+` : String(count))
