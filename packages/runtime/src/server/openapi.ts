import { z } from 'zod';
import { ENDPOINTS, type Endpoint } from './endpoints.ts';

/** The HTTP API as an OpenAPI 3.1 document, from the schemas that check the bodies. Its version is that of what is served. */
export function openApi() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Cogumi',
      description:
        'The APIs of OpenAI, Anthropic and llama-server over one bundle. null means that a field is not set. Fields that are not ' +
        'supported are refused with 400. The headers x-cogumi-route, -reason and -confidence of an answer say what answered it, -perplexity where the router measures it.',
    },
    paths: Object.fromEntries(
      ENDPOINTS.map((endpoint) => [pathOf(endpoint), { [endpoint.method.toLowerCase()]: operation(endpoint) }]),
    ),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  };
}

function operation({ path, summary, body, streams, open, type = 'application/json' }: Endpoint) {
  const json = { 'application/json': {} };
  return {
    summary,
    ...(path.includes(':')
      ? { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] }
      : {}),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } } : {}),
    // A server without a key asks for none.
    ...(open !== true ? { security: [{ bearer: [] }, { apiKey: [] }, {}] } : {}),
    responses: {
      200: {
        description: streams ? 'The answer; events if "stream" is true' : 'The answer',
        content: { [type]: {}, ...(streams ? { 'text/event-stream': {} } : {}) },
      },
      default: { description: 'An error in the shape of the API', content: json },
    },
  };
}

function pathOf({ path }: Endpoint): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

/** OpenAPI 3.1 has the dialect of JSON Schema that zod writes. */
function schemaOf(body: z.ZodObject): object {
  const { $schema: _, ...schema } = z.toJSONSchema(body, { io: 'input' });
  return schema;
}
