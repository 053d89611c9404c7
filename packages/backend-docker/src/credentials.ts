import { runCredentialHelper } from "./credential-helper.ts";
import { readConfiguration } from "./docker-config.ts";
import type { Environment } from "./docker-config.ts";
import { reasonOf } from "./errors.ts";
import { hub } from "./image-name.ts";
import type { RegistryAuth } from "./options.ts";

/** Who asks a registry, in the engine's own words. */
export interface Credentials {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  /** Instead of a password, where a registry gives one. */
  readonly identitytoken?: string;
}

/** What is known of a registry. Without `credentials` it is asked as anybody may. */
export interface Login {
  readonly credentials?: Credentials;
  /** Why what `docker login` left can't be used: to be told only if the registry wants to know who asks. */
  readonly trouble?: string;
}

/**
 * What to say to a registry: what is given, else what `docker login` left. Looked up as the docker command does it: the helper for that
 * registry, the one for all, the configuration itself. No helper is run for a registry that the configuration does not know.
 */
export async function loginTo(
  registry: string,
  given: RegistryAuth | undefined,
  env: Environment = process.env,
): Promise<Login> {
  const serveraddress = registry === hub ? hubAddress : registry;
  if (given) return { credentials: { serveraddress, username: given.username, password: given.password } };
  try {
    const { credHelpers = {}, credsStore, auths = {} } = (readConfiguration(env) ?? {}) as Configuration;
    const helper = credHelpers[serveraddress] ?? credHelpers[registry] ?? credsStore;
    const kept = helper === undefined ? undefined : await runCredentialHelper(helper, serveraddress, env);
    const found = kept ?? written(auths, serveraddress);
    return found ? { credentials: { serveraddress, ...found } } : {};
  } catch (error) {
    return { trouble: reasonOf(error) };
  }
}

/** Under this name the docker command keeps who one is at Docker Hub. */
const hubAddress = "https://index.docker.io/v1/";

interface Configuration {
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
  readonly auths?: Readonly<Record<string, Written>>;
}

/** `auth` is `name:password` in base64. */
interface Written {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** A registry may stand there as an address, as older versions of the docker command wrote it. */
function written(
  auths: Readonly<Record<string, Written>>,
  address: string,
): Omit<Credentials, "serveraddress"> | undefined {
  const key = address in auths ? address : Object.keys(auths).find((name) => hostOf(name) === hostOf(address));
  const { auth, username, password, identitytoken } = (key === undefined ? undefined : auths[key]) ?? {};
  if (identitytoken) return { identitytoken };
  const [, name, secret] = /^([^:]+):([^]*?)\0*$/.exec(Buffer.from(auth ?? "", "base64").toString()) ?? [];
  if (name !== undefined && secret !== undefined) return { username: name, password: secret };
  return username && password ? { username, password } : undefined;
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, "").replace(/\/.*/, "");
}
