// Cells as runs: how ASCILINE's RLE_FULL lays out a picture before it is deflated.
//
//   count, u16 LE, 1..65535 | one cell | count | one cell | ..

/** Bytes of a run besides its cell. */
export const RUN_COUNT_BYTES = 2
const LONGEST_RUN = 0xffff

/** Writes the runs of `cells` into `into` and returns their bytes; undefined when they do not fit. */
export function packRuns(cells: Uint8Array, cellBytes: number, into: Uint8Array): number | undefined {
  let to = 0
  for (let first = 0; first < cells.length; ) {
    let next = first + cellBytes
    const end = Math.min(cells.length, first + LONGEST_RUN * cellBytes)
    // A run goes on while every byte is that of one cell before.
    while (next < end && cells[next] === cells[next - cellBytes]) next += 1
    const count = Math.floor((next - first) / cellBytes)
    if (to + RUN_COUNT_BYTES + cellBytes > into.length) return undefined
    into[to] = count
    into[to + 1] = count >>> 8
    for (let byte = 0; byte < cellBytes; byte += 1) into[to + RUN_COUNT_BYTES + byte] = cells[first + byte]
    to += RUN_COUNT_BYTES + cellBytes
    first += count * cellBytes
  }
  return to
}
