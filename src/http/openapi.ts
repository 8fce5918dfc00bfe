// The HTTP door as an OpenAPI 3.1 document, made from the routes themselves.

import { z } from 'zod'
import type { ErrorCode } from '../../signaling/error-codes.ts'
import { statusOf } from './http-error.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

/** Codes that any route may answer. */
const COMMON: readonly ErrorCode[] = ['bad-request', 'origin-refused', 'internal']

/** The document; `version` is the program's own. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const operations = (paths[route.path] ??= {})
    operations[route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'asciline-rtc',
      version,
      description:
        'Commands of one shared session. State changes are pushed to all viewers over the /signal WebSocket as {"type":"status"}.',
    },
    paths,
    components: {
      securitySchemes: { cookie: { type: 'apiKey', in: 'cookie', name: 'asciline' } },
      schemas: {
        Error: {
          type: 'object',
          required: ['code', 'message'],
          properties: {
            code: { type: 'string' },
            message: { type: 'string' },
            retryAfterMs: { type: 'integer' },
          },
        },
      },
    },
  }
}

function operation({ path, summary, body, query, answer, status = 200, errors = [], open }: Route): Json {
  const codes: ErrorCode[] = [...COMMON, ...(open ? [] : (['unauthorized'] as const)), ...errors]
  const refusals: Record<string, Json> = {}
  for (const code of codes) {
    const known = refusals[statusOf(code)]
    refusals[statusOf(code)] = {
      description: known === undefined ? code : `${known.description}, ${code}`,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    }
  }
  return {
    operationId: path.replace(/^\/(?:api\/)?/, '').replaceAll(/[^\w]+/g, '_'),
    summary,
    security: open ? [] : [{ cookie: [] }],
    ...(query === undefined ? {} : { parameters: parameters(query) }),
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: schema(body, 'input') } } } }),
    responses: {
      [status]: {
        description: 'done',
        ...(answer === undefined
          ? {}
          : { content: { 'application/json': { schema: schema(answer, 'output') } } }),
      },
      ...refusals,
    },
  }
}

function parameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = schema(query, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, shape]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: shape,
  }))
}

function schema(type: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...rest } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return rest
}
