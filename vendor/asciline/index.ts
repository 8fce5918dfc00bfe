// The shop window of the wire: cells, slices, pixels. Pure bytes; no dependency, no DOM, no Node API.

export { cellColour, colourOf } from './cells/cell-colour.ts'
export { CHARSETS, type CharsetName } from './cells/charset.ts'
export { applyColourMode, COLOUR_MODES, type ColourMode } from './cells/colour-mode.ts'
export { type GridSize, MACROBLOCK_COLS, MACROBLOCK_ROWS, MAX_GRID_SIDE } from './cells/grid.ts'
export { luma } from './cells/luma.ts'
export { digestPicture, fillPicture, Picture } from './cells/picture.ts'
export { GLYPH_OF_LUMA, RAMP } from './cells/ramp.ts'
export {
  AdaptiveEncoder,
  type AdaptiveEncoderOptions,
  KEYFRAME_INTERVAL,
  STOCK_TAG,
} from './legacy/adaptive-encoder.ts'
export {
  formatRows,
  GLYPH_CELL_BYTES,
  PIXEL_CELL_BYTES,
  packGlyphCells,
  packPixelCells,
} from './legacy/stock-cells.ts'
export { formatStockInit, parseStockQuery, type StockFormat } from './legacy/stock-format.ts'
export { FRAME_HEADER_BYTES, readFrameHeader, writeFrameHeader } from './protocol/frame-header.ts'
export { formatInit, type Init, parseInit } from './protocol/init-line.ts'
export {
  blankSliceHeader,
  PACKET_OVERHEAD_BYTES,
  parseSliceHeader,
  SLICE_MAX_BYTES,
  type SliceHeader,
  TAG_EMPTY,
  TAG_PARITY,
  TAG_SLICE,
} from './protocol/slice-header.ts'
export type { LocalTime, MediaTime } from './protocol/time.ts'
export { localTime, mediaTime } from './protocol/time.ts'
export { buildCoverageAtlas, type GlyphPainter } from './render/coverage-atlas.ts'
export { CoverageRasterizer, type DirtyRows } from './render/coverage-rasterizer.ts'
export { CellShader, glyphsOf, type Look, PLAIN_LOOK } from './render/look.ts'
export type { Surface, SurfaceLayout } from './render/surface.ts'
export {
  encodeParity,
  PARITY_MAX_BYTES,
  type ParityHeader,
  parseParity,
  recoverSlice,
} from './slice/parity.ts'
export { SliceDecoder } from './slice/slice-decoder.ts'
export { SliceEncoder, type SliceEncoderOptions } from './slice/slice-encoder.ts'
