import { join } from "node:path";
import type { Runtime } from "../runtime.ts";
import type { Asked } from "./asked.ts";
import { withBaseImage } from "./base-image.ts";
import { fileAt } from "./host.ts";
import { ImageFiles } from "./image-files.ts";
import { librariesIn } from "./image-libraries.ts";
import { checkVersion, major } from "./version.ts";

/** The stock image of the same Node.js as the client's. */
export const stockImage = `node:${major}-slim`;

/** Node.js of its stock image, which the engine has or pulls. @throws {Error} It has not, or can't be pulled, or holds another one. */
export async function nodeOfImage(asked: Asked, directory: string): Promise<Runtime> {
  return await withBaseImage(stockImage, asked, (image) => nodeIn(image, asked, directory));
}

async function nodeIn(image: string, { engine, machine }: Asked, directory: string): Promise<Runtime> {
  const { Config } = await engine.ask((client) => client.getImage(image).inspect());
  const version = (Config.Env ?? []).find((one) => one.startsWith(variable))?.slice(variable.length);
  checkVersion(version);
  return await ImageFiles.read(engine, image, async (files) => {
    const node = join(directory, "node");
    if (!(await files.save(["/usr/local/bin/node", "/usr/bin/node"], node)))
      throw new Error(`the image ${stockImage} has no Node.js in /usr/local/bin`);
    const libraries = await librariesIn(files, node, machine, directory);
    return { version, source: `the image ${stockImage}`, files: [fileAt("node", node), ...libraries] };
  });
}

/** By it the stock images say what they hold. */
const variable = "NODE_VERSION=";
