// Draws pictures with WebGL2: one texel per cell goes up (colour and glyph), the glyphs are a texture, the graphics chip does
// the pixels. Only worth it where there is a chip: see hasGraphicsChip.

import {
  CellShader,
  glyphsOf,
  type Picture,
  type Surface,
  type SurfaceLayout,
} from '../../../vendor/asciline/index.ts'

/** Drivers that are programs: they would spend on every pixel what the software surface spends on changed ones. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i

const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(4.0 * corner - 1.0, 0.0, 1.0);
}`

const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
uniform highp sampler2D cells;
uniform highp sampler2D glyphs;
uniform ivec2 cellSize;
uniform int height;
out vec4 pixel;
void main() {
  ivec2 at = ivec2(int(gl_FragCoord.x), height - 1 - int(gl_FragCoord.y));
  ivec2 cell = at / cellSize;
  ivec2 within = at - cell * cellSize;
  vec4 value = texelFetch(cells, cell, 0);
  int glyph = int(value.a * 255.0 + 0.5);
  float coverage = texelFetch(glyphs, ivec2(within.x, glyph * cellSize.y + within.y), 0).r;
  pixel = vec4(value.rgb * coverage, coverage);
}`

export type WebglSurfaceOptions = {
  canvas: HTMLCanvasElement | OffscreenCanvas
  /** Also without a graphics chip, for tests and for somebody who insists. */
  software?: boolean
  /** The chip has gone away; nothing drawn from now on is seen. */
  onLost?: () => void
}

/** True where WebGL2 runs on hardware. Costs a few milliseconds; ask once. */
export function hasGraphicsChip(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true })
  if (gl === null) return false
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const name: unknown = gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL)
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return typeof name === 'string' && !SOFTWARE.test(name)
}

/** Graphics-chip surface; costs the processor by the cell. */
export class WebglSurface implements Surface {
  readonly #gl: WebGL2RenderingContext
  readonly #canvas: HTMLCanvasElement | OffscreenCanvas
  readonly #program: WebGLProgram
  #shader: CellShader | undefined
  #cells: Uint32Array | undefined
  #bytes: Uint8Array | undefined
  #layout: SurfaceLayout | undefined

  /** Throws when the browser has no WebGL2, or only a slow one. */
  constructor({ canvas, software = false, onLost }: WebglSurfaceOptions) {
    const gl = canvas.getContext('webgl2', {
      antialias: false,
      depth: false,
      failIfMajorPerformanceCaveat: !software,
    }) as WebGL2RenderingContext | null
    if (gl === null) throw new Error('this browser has no fast WebGL2')
    this.#gl = gl
    this.#canvas = canvas
    this.#program = link(gl)
    canvas.addEventListener('webglcontextlost', () => onLost?.())
    for (const unit of [0, 1]) {
      gl.activeTexture(gl.TEXTURE0 + unit)
      gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
      for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
        gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST)
    }
    // Rows of glyph coverage are of any width.
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
  }

  /** Throws RangeError when the glyphs are too many or too large for the chip's textures. */
  resize(layout: SurfaceLayout): void {
    const gl = this.#gl
    const { cols, rows, cellWidth, cellHeight, look, coverage } = layout
    const glyphRows = [...glyphsOf(look)].length * cellHeight
    const limit = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number
    if (Math.max(glyphRows, cols * cellWidth, rows * cellHeight) > limit)
      throw new RangeError(`cells of ${cellWidth}x${cellHeight} are too large for this graphics chip`)
    this.#layout = layout
    this.#shader = new CellShader(look)
    this.#cells = new Uint32Array(cols * rows)
    this.#bytes = new Uint8Array(this.#cells.buffer)
    this.#canvas.width = cols * cellWidth
    this.#canvas.height = rows * cellHeight
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height)
    gl.activeTexture(gl.TEXTURE1)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, cellWidth, glyphRows, 0, gl.RED, gl.UNSIGNED_BYTE, coverage)
    gl.activeTexture(gl.TEXTURE0)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, cols, rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, null)
    gl.useProgram(this.#program)
    const uniform = (name: string) => gl.getUniformLocation(this.#program, name)
    gl.uniform1i(uniform('cells'), 0)
    gl.uniform1i(uniform('glyphs'), 1)
    gl.uniform2i(uniform('cellSize'), cellWidth, cellHeight)
    gl.uniform1i(uniform('height'), this.#canvas.height)
  }

  /** Runs up to 60 times a second over up to 240 x 100 cells. */
  draw({ y, cb, cr, stride, chromaStride }: Picture): void {
    const gl = this.#gl
    if (this.#layout === undefined || this.#shader === undefined) return
    if (this.#cells === undefined || this.#bytes === undefined) return
    const { cols, rows } = this.#layout
    const { glyphOfLuma } = this.#shader
    for (let row = 0, cell = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++, cell++) {
        const gray = y[row * stride + col]
        const chromaAt = row * chromaStride + (col >> 1)
        this.#cells[cell] = this.#shader.shade(gray, cb[chromaAt], cr[chromaAt]) | (glyphOfLuma[gray] << 24)
      }
    }
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, cols, rows, gl.RGBA, gl.UNSIGNED_BYTE, this.#bytes)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
  }

  close(): void {
    this.#layout = undefined
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext()
  }
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram()
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind)
    if (shader === null) throw new Error('the WebGL2 context is lost')
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS))
    throw new Error(`WebGL2 refuses the shaders: ${gl.getProgramInfoLog(program)}`)
  return program
}
