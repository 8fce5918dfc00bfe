// The order coefficients travel in: low frequencies first, so that the zeros gather at the end.

/** Natural position (vertical frequency * 8 + horizontal frequency) of each zig-zag index. */
export const ZIGZAG: Uint8Array = zigzag()

function zigzag(): Uint8Array {
  const order = new Uint8Array(64)
  let index = 0
  for (let diagonal = 0; diagonal < 15; diagonal += 1) {
    for (let step = 0; step <= diagonal; step += 1) {
      // Odd diagonals run down and to the left, even ones up and to the right.
      const down = diagonal % 2 === 1 ? step : diagonal - step
      const right = diagonal - down
      if (down < 8 && right < 8) order[index++] = down * 8 + right
    }
  }
  return order
}
