// Subtitle files (SubRip and WebVTT) as cues. Pure; what cannot be read is left out, and nothing is ever markup afterwards.

import { z } from 'zod'

/** Programme seconds, and plain text with line breaks. */
export const cue = z.object({ start: z.number(), end: z.number(), text: z.string() })
export type Cue = z.infer<typeof cue>

const MAX_CUES = 20_000
const MAX_CUE_CHARS = 1000
const TIMES =
  /^\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{3})/
const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
  quot: '"',
  lrm: '',
  rlm: '',
}

/** Cues by start time. Numbers, settings, notes, styles and tags of both formats are dropped. */
export function parseCues(file: string): Cue[] {
  const cues: Cue[] = []
  // A byte order mark, and the line ends of three systems.
  for (const block of file
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)) {
    if (cues.length >= MAX_CUES) break
    const lines = block.split('\n')
    const at = lines.findIndex((line) => TIMES.test(line))
    if (at < 0) continue
    const [, h1, m1, s1, f1, h2, m2, s2, f2] = TIMES.exec(lines[at] as string) ?? []
    const start = seconds(h1, m1, s1, f1)
    const end = seconds(h2, m2, s2, f2)
    const text = plain(lines.slice(at + 1).join('\n'))
    if (end > start && text !== '') cues.push({ start, end, text })
  }
  return cues.sort((a, b) => a.start - b.start)
}

function seconds(hours = '0', minutes = '0', whole = '0', thousandths = '0'): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(whole) + Number(thousandths) / 1000
}

function plain(text: string): string {
  return text
    .replace(/<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}/g, '')
    .replace(/&(\w{2,4});/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .trim()
    .slice(0, MAX_CUE_CHARS)
}
