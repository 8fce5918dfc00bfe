// Notices that the network may be another than before: the browser says so, the page comes back, Wi-Fi becomes mobile.

/** Calls `changed` at every hint, for as long as the page lives. */
export function watchNetwork(changed: () => void): void {
  window.addEventListener('online', changed)
  document.addEventListener('visibilitychange', changed)
  watchKind(changed)
}

/** The kind of network, where the browser tells. */
function watchKind(changed: () => void): void {
  const { connection } = navigator as Navigator & { connection?: EventTarget & { type?: string } }
  if (connection === undefined) return
  let before = connection.type
  connection.addEventListener('change', () => {
    // The event also comes for every new estimate of the speed.
    if (connection.type === before) return
    before = connection.type
    changed()
  })
}
