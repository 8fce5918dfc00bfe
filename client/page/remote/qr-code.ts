// A QR code as an image of squares, black on white with its quiet zone, as cameras want it.

import { encode } from 'uqr'

const QUIET_ZONE = 4

/** Draws `text` into the canvas, one pixel per module; CSS enlarges it without smoothing. Throws for a text that is too long. */
export function drawQrCode(canvas: HTMLCanvasElement, text: string): void {
  const { size, data } = encode(text, { ecc: 'M', border: QUIET_ZONE })
  canvas.width = size
  canvas.height = size
  const context = canvas.getContext('2d')
  if (context === null) return
  context.fillStyle = '#fff'
  context.fillRect(0, 0, size, size)
  context.fillStyle = '#000'
  for (const [row, modules] of data.entries())
    for (const [col, dark] of modules.entries()) if (dark) context.fillRect(col, row, 1, 1)
}
