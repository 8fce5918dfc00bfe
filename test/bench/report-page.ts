// Plots of a bench as one HTML file with nothing outside itself.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const INK = '#2a9d74'
const WIDTH = 900

export type Bar = { label: string; value: number; note: string }

/** Horizontal bars, each with its label before and its note behind. */
export function bars(rows: readonly Bar[]): string {
  const most = Math.max(1e-9, ...rows.map(({ value }) => value))
  const lines = rows.map(({ label, value, note }, i) => {
    const y = 24 * i
    return `<text x="0" y="${y + 15}">${escaped(label)}</text><rect x="210" y="${y + 3}" height="16" width="${((value / most) * 300).toFixed(1)}" fill="${INK}"/><text x="520" y="${y + 15}">${escaped(note)}</text>`
  })
  return svg(24 * rows.length + 4, lines.join(''))
}

/** Dots over time between two values, with lines at the limits that matter and marks at moments of note. */
export function dots(
  points: readonly { at: number; value: number }[],
  { from, to, lines, marks = [] }: { from: number; to: number; lines: number[]; marks?: number[] },
): string {
  const times = [...points.map(({ at }) => at), ...marks]
  const first = Math.min(...times)
  const span = Math.max(1e-9, Math.max(...times) - first)
  const x = (at: number) => (40 + ((at - first) / span) * (WIDTH - 60)).toFixed(1)
  const y = (value: number) =>
    (280 - ((Math.min(to, Math.max(from, value)) - from) / (to - from)) * 260).toFixed(1)
  const parts = [
    ...lines.map(
      (value) =>
        `<line x1="40" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}" stroke="#999"/><text x="0" y="${y(value)}">${value}</text>`,
    ),
    ...marks.map(
      (at) => `<line x1="${x(at)}" x2="${x(at)}" y1="10" y2="290" stroke="#c33" stroke-dasharray="4"/>`,
    ),
    ...points.map(({ at, value }) => `<circle cx="${x(at)}" cy="${y(value)}" r="2" fill="${INK}"/>`),
  ]
  return svg(300, parts.join(''))
}

/** Writes the page: a heading, and one plot or table after another under its own. */
export function writeReport(
  file: string,
  title: string,
  parts: readonly { heading: string; html: string }[],
  figures: unknown,
): void {
  mkdirSync(dirname(file), { recursive: true })
  const body = parts.map(({ heading, html }) => `<h2>${escaped(heading)}</h2>${html}`).join('\n')
  writeFileSync(
    file,
    `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title>
<style>body{font:14px system-ui,sans-serif;margin:24px}svg{max-width:100%}</style>
<h1>${escaped(title)}</h1>\n${body}\n<h2>Figures</h2><pre>${escaped(JSON.stringify(figures, null, 1))}</pre>\n`,
  )
}

function svg(height: number, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" font-size="12">${content}</svg>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
