import { CliError } from "./errors.ts";
import type { SecretSources } from "./secrets.ts";

/**
 * Variables of `--env NAME=VALUE`, and of `--env NAME`, which is the value that it has here.
 *
 * @param secrets What is given otherwise.
 */
export function environmentOf(settings: readonly string[] = [], secrets?: SecretSources): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf("=");
      const name = at < 0 ? setting : setting.slice(0, at);
      const value = at < 0 ? process.env[name] : setting.slice(at + 1);
      if (name === "")
        throw new CliError("usage", `--env ${setting}: give NAME=VALUE, or the NAME of a variable that is set here.`);
      if (value === undefined)
        throw new CliError("usage", `--env ${name}: no such variable is set here. Give --env ${name}=VALUE.`);
      if (secrets?.has(name))
        throw new CliError(
          "usage",
          `--env ${name}: it is a secret, and --env keeps its value with the session. Leave --env out.`,
        );
      return [name, value];
    }),
  );
}
