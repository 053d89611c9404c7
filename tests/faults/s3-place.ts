import { faultyProxy, type FaultyProxy, type S3Engine, versitygw } from "@skyburst/engines";

/** A bucket of a real S3 server, and a way to it that fails as a test wants. */
export interface S3Place {
  readonly server: S3Engine;
  readonly proxy: FaultyProxy;
  readonly bucket: string;
  stop(): Promise<void>;
}

/** Its credentials are those of this process from then on, and of the workers that it starts. */
export async function s3Place(): Promise<S3Place> {
  const server = await versitygw();
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
  const bucket = await server.bucket();
  const proxy = await faultyProxy(server.endpoint);
  return {
    server,
    proxy,
    bucket,
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}
