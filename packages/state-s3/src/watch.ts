import type { S3Client } from "@aws-sdk/client-s3";

type Stack = S3Client["middlewareStack"];
type Middleware = Parameters<Stack["add"]>[0];

/** What an answer tells beside its content. */
export interface Envelope {
  readonly host: string | undefined;
  readonly status: number;
  readonly date: string | undefined;
}

/** Has `note` told of every answer from here on, refusals too: the SDK keeps headers to itself. */
export function watch(stack: Pick<Stack, "add">, note: (envelope: Envelope) => void): void {
  const middleware: Middleware = (next) => async (args) => {
    const host = "request" in args ? (args.request as { readonly hostname?: string }).hostname : undefined;
    const look = (response: unknown) => {
      const { statusCode, headers } = (response ?? {}) as PlainResponse;
      if (statusCode !== undefined) note({ host, status: statusCode, date: headers?.date });
    };
    try {
      const result = await next(args);
      if ("response" in result) look(result.response);
      return result;
    } catch (error) {
      if (typeof error === "object" && error !== null && "$response" in error) look(error.$response);
      throw error;
    }
  };
  // Behind retries and signing, so that each try of a client that repeats by itself is seen.
  stack.add(middleware, { step: "deserialize", priority: "high", name: "skyburstWatch", override: true });
}

interface PlainResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}
