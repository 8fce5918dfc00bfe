// The page's pictograms: strokes on a grid of 24 by 24.

const STROKES = {
  play: '<path class="solid" d="M7.5 4.8v14.4L19 12z"/>',
  pause: '<path class="solid" d="M7 5h3.6v14H7zM13.4 5H17v14h-3.6z"/>',
  stop: '<rect class="solid" x="6.5" y="6.5" width="11" height="11" rx="1.2"/>',
  next: '<path class="solid" d="M5.5 5.5v13L15 12z"/><path d="M18 5.5v13"/>',
  previous: '<path class="solid" d="M18.5 5.5v13L9 12z"/><path d="M6 5.5v13"/>',
  back: '<path d="M12 5a8 8 0 1 1-8 8"/><path d="M15 1.8L11.6 5 15 8.2"/><text x="12" y="16">10</text>',
  forward: '<path d="M12 5a8 8 0 1 0 8 8"/><path d="M9 1.8L12.4 5 9 8.2"/><text x="12" y="16">10</text>',
  search: '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>',
  close: '<path d="M6 6l12 12M18 6L6 18"/>',
  subtitles:
    '<rect x="3.5" y="5.5" width="17" height="13" rx="2.5"/><path d="M7 12.2h3M13 12.2h4M7 15.3h6M16 15.3h1"/>',
  queue: '<path d="M4 7h11M4 12h11M4 17h7"/><path class="solid" d="M16 13.5v7l5-3.5z"/>',
  enqueue: '<path d="M4 7h12M4 12h8M4 17h6M17 11v9M12.5 15.5h9"/>',
  star: '<path d="M12 4.3l2.350 4.9 5.350.7-3.920 3.720.97 5.330L12 16.350l-4.750 2.6.97-5.330L4.3 9.9l5.350-.700z"/>',
  speaker:
    '<path d="M4 9.5v5h3.5L13 19V5L7.5 9.5z"/><path class="waves" d="M16.5 9a4 4 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11"/><path class="cross" d="M16.5 9.5l5 5M21.5 9.5l-5 5"/>',
  phone: '<rect x="7" y="3" width="10" height="18" rx="2.2"/><path d="M11 18h2"/>',
  screen: '<rect x="3.5" y="5" width="17" height="12" rx="2"/><path d="M8.5 20.5h7"/>',
  fullscreen: '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
  settings:
    '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
  figures: '<path d="M5 20v-7M12 20V4M19 20v-11"/>',
  up: '<path d="M6 14.5l6-6 6 6"/>',
  down: '<path d="M6 9.5l6 6 6-6"/>',
  grip: '<path d="M5 9h14M5 15h14"/>',
  help: '<path d="M8.8 9a3.3 3.3 0 1 1 4.7 3c-1 .500-1.5 1.1-1.5 2.3"/><path d="M12 18.3v.100"/>',
} as const

export type IconName = keyof typeof STROKES

/** A new picture of that name; it says nothing to a screen reader, its button does. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('class', `icon-${name}`)
  svg.innerHTML = STROKES[name]
  return svg
}
