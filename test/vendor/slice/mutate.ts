// Damage as no network makes it, but an attacker might: repeatable, in every field of a message.

/** Flips, overwrites, cuts, lengthens or splices a copy; sometimes in the header, mostly in the payload. */
export function mutate(message: Uint8Array, random: () => number): Uint8Array {
  const pick = (limit: number) => Math.floor(random() * limit)
  let result = message.slice()
  for (let edits = 1 + pick(6); edits > 0; edits -= 1) {
    const at = random() < 0.15 ? pick(12) : 12 + pick(Math.max(1, result.length - 12))
    const kind = pick(5)
    if (kind === 0) result[at] ^= 1 << pick(8)
    else if (kind === 1) result[at] = pick(256)
    else if (kind === 2) result.fill(random() < 0.5 ? 0 : 255, at, at + pick(64))
    else if (kind === 3) result = result.slice(0, Math.max(4, at))
    else result.copyWithin(at, 12 + pick(result.length), result.length)
  }
  return result
}
