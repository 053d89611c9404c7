/** Put in by the build, out of package.json. */
declare const SKYBURST_VERSION: string;

export const version = SKYBURST_VERSION;
