export interface JsonResponse {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface JsonRequest {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One request with JSON both ways. */
export async function requestJson(url: string, request: JsonRequest = {}): Promise<JsonResponse> {
  const { body, headers = {} } = request;
  const response = await fetch(url, {
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
